import type { BenchmarkModel, BenchmarkPoint } from './benchmark-model.ts';
import { type Effort, fitLaw, type LawFit, type LawToFit } from './law-fit.ts';

/** A fit that laws are chosen by; so exact that nothing that is answered changes. */
export const CHOOSING: Effort = { maxIterations: 60, leastGain: 1e-7 };

/** A search that tells from where to go on. */
const COARSE: Effort = { maxIterations: 10, leastGain: 1e-3 };

/** Where the knee of a law with two regimes is sought from (tokens): a search from one side of it does not see the other. */
const KNEES = [64, 256, 1024];

/** A law fitted where another, or none, was before. */
export function fitNewLaw(
  model: BenchmarkModel,
  points: readonly BenchmarkPoint[],
  which: LawToFit,
  start?: LawFit,
): LawFit {
  if (which.law !== 'two-regime') return fitLaw(model, points, which, start?.serviceTime, CHOOSING);
  const plain = start?.serviceTime ?? fitLaw(model, points, { ...which, law: 'linear' }).serviceTime;
  const nearest = KNEES.map((kneeTokens) =>
    fitLaw(model, points, which, { ...plain, kneeTokens }, COARSE),
  ).reduce((a, b) => (a.cost <= b.cost ? a : b));
  return fitLaw(model, points, which, nearest.serviceTime, CHOOSING);
}
