/** With less nothing waits. */
const LEAST_UTILIZATION = 1e-9;

/**
 * Mean wait in M/D/c as a share of that in M/M/c: a half near saturation, more where the line is hardly ever long.
 * G. P. Cosmetatos (1976), as T. Kimura gives it in: A two-moment approximation for the mean waiting time in the GI/G/s queue,
 * Management Science 32 (1986), 751–763.
 *
 * @param servers c ≥ 1
 * @param utilization ρ; beyond 1 it stays at a half
 */
export function deterministicWaitShare(servers: number, utilization: number): number {
  const free = Math.max(0, 1 - utilization) * (servers - 1) * (Math.sqrt(4 + 5 * servers) - 2);
  const share = 0.5 * (1 + free / (16 * Math.max(utilization, LEAST_UTILIZATION) * servers));
  return Math.min(1, share);
}
