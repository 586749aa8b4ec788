/** Exit statuses: what a script can tell apart. */
export const EXIT = { complete: 0, failed: 1, shortfall: 2 } as const;
