import type { ServiceTime } from '../../src/schemas/model.ts';

/** One situation that the queue models are judged in: one replica, one load. */
export interface Situation {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly maxBatchSize: number;
  /** Offered rate over the full-batch rate; above 1 the waiting room is as large as the batch, else unlimited. */
  readonly utilization: number;
  readonly arrivalCv: number;
  /** Of prompts and outputs alike. */
  readonly tokenCv: number;
}

/** Llama 3.1 8B on an H100, as fitted to public benchmarks. */
export const SERVICE_TIME: ServiceTime = {
  alphaMs: 6.58,
  betaMsPerToken: 0.0193,
  gammaMsPerToken2: 5.46e-5,
};

/** Prompt and output: a chat, a writer, a summary. */
const MIXES = [
  [512, 256],
  [128, 512],
  [2048, 128],
] as const;
const BATCHES = [1, 4, 16, 64, 256];
const UTILIZATIONS = [0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 1.2];
/** Variation of the gaps between arrivals and of the lengths: what the models assume first. */
const VARIATIONS = [
  [1, 1],
  [1, 0],
  [0, 0],
  [0, 1],
  [2, 1],
  [1, 2],
] as const;

export const GRID: readonly Situation[] = VARIATIONS.flatMap(([arrivalCv, tokenCv]) =>
  MIXES.flatMap(([inputTokens, outputTokens]) =>
    BATCHES.flatMap((maxBatchSize) =>
      UTILIZATIONS.map((utilization) => ({
        inputTokens,
        outputTokens,
        maxBatchSize,
        utilization,
        arrivalCv,
        tokenCv,
      })),
    ),
  ),
);
