import type { AskedAt, Dimension, Extrapolation } from '../schemas/extrapolation.ts';
import type { ObservedRange } from '../schemas/observed-range.ts';
import { figure } from './table.ts';

/** Less is within what rounding and the scatter of a benchmark make of a length. */
const WORTH_SAYING = 0.1;

const SUBJECT: Record<Dimension, (asked: number) => string> = {
  inputTokens: (asked) => `a prompt of ${figure(asked)} tokens`,
  outputTokens: (asked) => `an output of ${figure(asked)} tokens`,
  // Who is served seldom is served alone.
  inService: (asked) => (asked > 1 ? `a batch of ${figure(asked)} requests` : 'a request alone'),
};

/** What of an answer lies outside what was measured, in words, the farthest first. */
export function outsideTexts(extrapolation: Extrapolation | undefined): string[] {
  if (!extrapolation) return [];
  const dimensions = Object.keys(SUBJECT) as Dimension[];
  return dimensions
    .flatMap((dimension) => {
      const told = extrapolation[dimension];
      return told && told.fraction >= WORTH_SAYING ? [{ dimension, told }] : [];
    })
    .sort((a, b) => b.told.fraction - a.told.fraction)
    .map(({ dimension, told }) => `${SUBJECT[dimension](told.asked)} is ${outsideText(told)}`);
}

function outsideText({ asked, from, to, fraction }: AskedAt): string {
  const isBeyond = asked > to;
  const ratio = figure(isBeyond ? 1 + fraction : 1 / (1 + fraction));
  return `${ratio} × the ${isBeyond ? 'largest' : 'least'} measured (${spanText({ from, to })})`;
}

/** What observations span, in words. */
export function observedText({
  requestsPerSec,
  inputTokens,
  outputTokens,
  inService,
}: ObservedRange): string {
  const parts = [
    requestsPerSec && `${spanText(requestsPerSec)} requests/s`,
    inputTokens && `prompts of ${spanText(inputTokens)} tokens`,
    outputTokens && `outputs of ${spanText(outputTokens)} tokens`,
    inService && `${spanText(inService)} requests in service`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function spanText({ from, to }: { readonly from: number; readonly to: number }): string {
  const [least, largest] = [figure(from), figure(to)];
  return least === largest ? least : `${least}–${largest}`;
}
