import type { Sighting } from '../schemas/tune-state.ts';

/** Digits that are kept: more than any measurement has, and half the size of a double in JSON. */
const DIGITS = 7;

/** A sighting as it is kept: with what was believed before it, and the score of its innovation where there is one. */
export function keptOf(
  sighting: Sighting,
  believed: readonly number[],
  score: readonly [number, number] | null,
  accepted: boolean,
): Sighting {
  const { requestsPerSec, inputTokens, outputTokens, ttftMs, itlMs } = sighting;
  return {
    ...sighting,
    requestsPerSec: short(requestsPerSec),
    inputTokens: short(inputTokens),
    outputTokens: short(outputTokens),
    ttftMs: short(ttftMs),
    itlMs: short(itlMs),
    accepted,
    before: believed.map(short),
    ...(score && { score: score.map(short) }),
  };
}

function short(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS));
}
