import type { Sighting } from '../schemas/tune-state.ts';

/** Digits that are kept: more than any measurement has, and half the size of a double in JSON. */
const DIGITS = 7;

/** 10 to this power is a double to the last bit. */
const LARGEST_EXACT_POWER = 22;

const MEASURED = ['requestsPerSec', 'inputTokens', 'outputTokens', 'ttftMs', 'itlMs'] as const;

/** A sighting as it is kept: with what was believed before it, and the score of its innovation where there is one. */
export function keptOf(
  sighting: Sighting,
  believed: readonly number[],
  score: readonly [number, number] | null,
  accepted: boolean,
): Sighting {
  const kept: Sighting = { ...sighting, accepted, before: believed.map(short) };
  for (const figure of MEASURED) kept[figure] = short(sighting[figure]);
  if (score) kept.score = score.map(short);
  return kept;
}

/** By a division, which rounds to the nearest double of these digits: through text it takes tens of times as long. */
function short(value: number): number {
  if (Number.isInteger(value)) return value;
  const decimals = DIGITS - 1 - Math.floor(Math.log10(Math.abs(value)));
  if (!(Math.abs(decimals) <= LARGEST_EXACT_POWER)) return Number(value.toPrecision(DIGITS));
  const scale = 10 ** Math.abs(decimals);
  return decimals >= 0 ? Math.round(value * scale) / scale : Math.round(value / scale) * scale;
}
