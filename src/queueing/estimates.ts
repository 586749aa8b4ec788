import type { QueueEstimates } from './queue-model.ts';
import type { ServiceLaw } from './service-law.ts';

/** Estimates where one chunk count serves every batch: the iteration time and the prefill are linear in the batch. */
export function closedFormEstimates(law: ServiceLaw, chunks: number): QueueEstimates {
  const m = law.outputTokens;
  const fixed = law.fixedMs(chunks);
  const perRequest = law.perRequestMs(chunks);
  const work = law.workPerIterationMs(chunks);
  const prefillWork = law.prefillWorkMs(chunks);
  // ITL·m = τ(E + 1) - prefill(E) and prefill(E) = c·(α + (E-1)·δ) + w_prefill at a mean batch of E below the limit.
  const decodeSlope = (perRequest - chunks * work) / m;
  const decodeAtZero = (fixed + perRequest - chunks * (law.alphaMs - work) - prefillWork) / m;
  const prefillSlope = chunks * work;
  const prefillAtZero = chunks * (law.alphaMs - work) + prefillWork;
  // E = λ·(a + b)/(1 - λ·b) without a limit
  const rateAt = (batch: number) => (1000 * batch) / (fixed + perRequest + perRequest * batch);
  return {
    batchSizeForItl: (itlMs, ceiling) => whole(1 + (itlMs - law.alphaMs - law.decodeStepMs) / work, ceiling),
    batchSizeForTtft: (ttftMs, ceiling) =>
      whole(1 + ((ttftMs - prefillWork) / chunks - law.alphaMs) / work, ceiling),
    rateForItlPerSec: (itlMs) => rateAt((itlMs - decodeAtZero) / decodeSlope),
    rateForTtftPerSec: (ttftMs) =>
      rateAt((ttftMs - prefillAtZero - decodeAtZero) / (prefillSlope + decodeSlope)),
  };
}

/** Estimates where the chunk count grows with the batch: found by bisection. */
export function searchedEstimates(law: ServiceLaw): QueueEstimates {
  const itlHolds = (itlMs: number) => (batch: number) => {
    const work = law.workPerIterationMs(law.chunks(batch));
    return law.alphaMs + (batch - 1) * work + law.decodeStepMs <= itlMs;
  };
  const ttftHolds = (ttftMs: number) => (batch: number) => law.prefillMs(batch, law.chunks(batch)) <= ttftMs;
  return {
    // α + (B-1)·δ + β + γ·(L + (m+1)/2) ≤ target
    batchSizeForItl: (itlMs, ceiling) => largest(ceiling, itlHolds(itlMs)),
    // prefill(B) ≤ target
    batchSizeForTtft: (ttftMs, ceiling) => largest(ceiling, ttftHolds(ttftMs)),
    rateForItlPerSec: () => Number.NaN,
    rateForTtftPerSec: () => Number.NaN,
  };
}

/** A batch limit as a whole number in 1 … ceiling; work that costs nothing allows any. */
function whole(batch: number, ceiling: number): number {
  return batch >= ceiling ? ceiling : batch >= 1 ? Math.floor(batch) : 1;
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
