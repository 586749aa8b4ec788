import type { QueueEstimates } from './queue-model.ts';
import type { ServiceLaw } from './service-law.ts';

/** Estimates where the chunk count grows with the batch, or the law is not linear: found by bisection. */
export class SearchedEstimates implements QueueEstimates {
  readonly #law: ServiceLaw;

  constructor(law: ServiceLaw) {
    this.#law = law;
  }

  /** An iteration that a decode step of the request is part of, ≤ target. */
  batchSizeForItl(itlMs: number, ceiling: number): number {
    const law = this.#law;
    return largest(ceiling, (batch) => law.decodeIterationMs(batch, law.chunks(batch)) <= itlMs);
  }

  /** prefill(B) ≤ target */
  batchSizeForTtft(ttftMs: number, ceiling: number): number {
    const law = this.#law;
    return largest(ceiling, (batch) => law.prefillMs(batch, law.chunks(batch)) <= ttftMs);
  }

  rateForItlPerSec(): number {
    return Number.NaN;
  }

  rateForTtftPerSec(): number {
    return Number.NaN;
  }
}

/** Largest n in 1 … ceiling that holds, 1 when none does; `holds` is true up to some n. */
function largest(ceiling: number, holds: (n: number) => boolean): number {
  if (holds(ceiling)) return ceiling;
  let low = 1;
  let high = ceiling;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
