import { type AskedAt, DIMENSIONS, type Dimension, type Extrapolation } from '../schemas/extrapolation.ts';
import type { ObservedRange } from '../schemas/observed-range.ts';

/** How far outside what was observed a law is asked; null: nothing of it can be compared. */
export function extrapolationOf(
  observed: ObservedRange,
  asked: Readonly<Record<Dimension, number>>,
): Extrapolation | null {
  const at = (dimension: Dimension): AskedAt | null => {
    const span = observed[dimension];
    const value = asked[dimension];
    return span && Number.isFinite(value) ? { asked: value, ...span, fraction: outside(value, span) } : null;
  };
  const told = {
    inputTokens: at('inputTokens'),
    outputTokens: at('outputTokens'),
    inService: at('inService'),
  };
  let fraction = -1;
  let worst: Dimension | null = null;
  for (const dimension of DIMENSIONS) {
    const own = told[dimension]?.fraction ?? -1;
    if (own > fraction) [fraction, worst] = [own, dimension];
  }
  return worst && { fraction, worst: fraction > 0 ? worst : null, ...told };
}

/** By ratio, as service times are: half is as far as double. Less than one is no shorter prompt, and no smaller batch, to a law. */
function outside(asked: number, { from, to }: { readonly from: number; readonly to: number }): number {
  const [least, value, largest] = [Math.max(1, from), Math.max(1, asked), Math.max(1, to)];
  return Math.max(0, value / largest - 1, least / value - 1);
}
