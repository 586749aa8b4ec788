import type { LinearLaw } from './laws/linear.ts';

// Latencies of an accepted request by the batch that it finds: the formulas of the mean, with the batch found in place of the mean one.
// Output tokens are emitted at a rate of m·μ_n in a batch of n, and p_n·μ_n = λ·p_{n-1}: so the batch that a token is emitted in is that
// which an accepted request finds and itself, N at most. One distribution serves both latencies.

/** prefill(n) and the first decode step beside n others, fewer than the batch limit; waiting not counted. */
export function firstTokenMs(law: LinearLaw, found: number, chunks: number): number {
  const prefillMs = law.prefillMs(found, chunks);
  return prefillMs + (law.timeInServiceMs(found + 1, chunks) - prefillMs) / law.outputTokens;
}

/** Time between two tokens beside n others: what the prefill leaves of the time in service, per token. */
export function tokenGapMs(law: LinearLaw, found: number, chunks: number): number {
  return (law.timeInServiceMs(found + 1, chunks) - law.prefillMs(found, chunks)) / law.outputTokens;
}

/**
 * What comes before and with the prefill beyond the law of α, β and γ: the overhead, the own cost of the prompt, and the rest of the
 * iteration under way, all but the longest of which those within the percentile see: a bound from above where they differ in batch too.
 *
 * @param meanOthers of which there are none with probability e^-meanOthers
 */
export function laterFirstTokenMs(
  law: LinearLaw,
  found: number,
  chunks: number,
  percentile: number,
  meanOthers: number,
): number {
  const busyFraction = -Math.expm1(-meanOthers);
  const within = Math.max(0, 1 - (1 - percentile) / busyFraction);
  const own = law.ownPrefillMs(found, chunks) - law.prefillMs(found, chunks);
  return law.overheadMs + own + 2 * within * law.residualMs(found, chunks);
}
