import type { Work } from './iteration-times.ts';

/**
 * Squared coefficient of variation of what one request takes of a full batch's time. Its w = x·m + g·m² + prefill, with x = α/N and its
 * first step, in which it reads its prompt L, and g·m the context that it writes itself: where steps are mostly context a long output
 * takes more than its length, as m² and with m·L. Lengths are gamma variables.
 *
 * @param full N
 * @param promptStepMs of the first step, what reading the mean prompt takes
 */
export function workVariability(
  work: Work,
  full: number,
  promptStepMs: number,
  inputCv: number,
  outputCv: number,
): number {
  const { fixedMs, freshStepMs, decodeStepMs, prefillMs, outputTokens: m } = work;
  const cv2 = outputCv * outputCv;
  const m2 = m * m * (1 + cv2);
  const m3 = m2 * m * (1 + 2 * cv2);
  const m4 = m3 * m * (1 + 3 * cv2);
  const x = fixedMs / full + freshStepMs;
  const g = ((decodeStepMs - freshStepMs) * m) / m2;
  const ofPrompts = promptStepMs * inputCv;
  const ofOutputs =
    (x * x + ofPrompts * ofPrompts) * (m2 - m * m) + 2 * x * g * (m3 - m2 * m) + g * g * (m4 - m2 * m2);
  const ofPrompt = (promptStepMs * m + prefillMs) * inputCv;
  const mean = x * m + g * m2 + prefillMs;
  return mean > 0 ? (ofOutputs + ofPrompt * ofPrompt) / (mean * mean) : 0;
}
