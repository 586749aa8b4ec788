import {
  describeWork,
  type IterationTimes,
  newIterationTimes,
  newWork,
  timesAtFull,
  type Work,
} from './iteration-times.ts';
import type { LinearLaw } from './laws/linear.ts';
import type { Places } from './waiting-moments.ts';
import { workVariability } from './work-variability.ts';

/** Coefficients of variation: of the prompt and output lengths, and of the times between arrivals. */
export interface Variations {
  readonly inputCv: number;
  readonly outputCv: number;
  readonly arrivalCv: number;
}

/** A station whose batch is full, and the line before it. */
export interface FullBatch {
  /** Under a linear law that of any batch. */
  readonly workAtFull: Work;
  readonly atFull: IterationTimes;
  readonly places: Places;
}

/** @param waitingRoom Q; Infinity: unlimited */
export function fullBatchOf(
  law: LinearLaw,
  waitingRoom: number,
  full: number,
  { inputCv, outputCv, arrivalCv }: Variations,
): FullBatch {
  const chunks = law.chunks(full);
  const workAtFull = newWork();
  const atFull = newIterationTimes();
  // The chain spreads all prompts over as many iterations; one prompt takes fewer, of what half a batch leaves of the budget.
  const own = Math.min(chunks, law.chunksBeside((full - 1) / 2));
  describeWork(workAtFull, law, full, own, inputCv);
  timesAtFull(workAtFull, full, Math.max(own, law.chunksWaited(full)), atFull);
  const fullRate = full / law.timeInServiceMs(full, chunks);
  const serviceCv2 = workVariability(workAtFull, full, law.promptStepMs, inputCv, outputCv);
  return { workAtFull, atFull, places: { full, fullRate, waitingRoom, arrivalCv, serviceCv2 } };
}
