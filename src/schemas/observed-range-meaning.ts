import { type Faults, isNumber, isObject } from './fault-list.ts';

/** Faults of meaning of what a service time was found from. */
export function checkObservedRange(observedRange: unknown, path: string, faults: Faults): void {
  if (!isObject(observedRange)) return;
  for (const [dimension, span] of Object.entries(observedRange)) {
    if (!isObject(span)) continue;
    const { from, to } = span;
    if (isNumber(from) && isNumber(to) && from > to) {
      faults.add(`${path}/${dimension}/to`, `must be at least from, ${from}; it is ${to}`);
    }
  }
}
