import type { ServiceTime } from '../../src/schemas/model.ts';

/** One situation that the queue models are judged in: one replica, one load. */
export interface Situation {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly maxBatchSize: number;
  /** Token budget of an iteration. */
  readonly maxBatchTokens: number;
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

interface Mix {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly maxBatchTokens: number;
}

/** A chat, a writer, a summary. */
const MIXES: readonly Mix[] = [
  { inputTokens: 512, outputTokens: 256, maxBatchTokens: 8192 },
  { inputTokens: 128, outputTokens: 512, maxBatchTokens: 8192 },
  { inputTokens: 2048, outputTokens: 128, maxBatchTokens: 8192 },
];
/** Prompts of one and of four token budgets: a few of them have an iteration to themselves, and the others wait for it. */
const LONG_PROMPTS: readonly Mix[] = [
  { inputTokens: 2048, outputTokens: 128, maxBatchTokens: 2048 },
  { inputTokens: 2048, outputTokens: 256, maxBatchTokens: 512 },
];
/** A completion, a classification: prefills are most of the time, and iterations come in bunches. */
const SHORT_OUTPUTS: readonly Mix[] = [
  { inputTokens: 2048, outputTokens: 28, maxBatchTokens: 8192 },
  { inputTokens: 512, outputTokens: 4, maxBatchTokens: 8192 },
];
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

/** Of batches from a size on. */
function situations(
  mixes: readonly Mix[],
  leastBatchSize: number,
  arrivalCv: number,
  tokenCv: number,
): Situation[] {
  return mixes.flatMap((mix) =>
    BATCHES.filter((batch) => batch >= leastBatchSize).flatMap((maxBatchSize) =>
      UTILIZATIONS.map((utilization) => ({ ...mix, maxBatchSize, utilization, arrivalCv, tokenCv })),
    ),
  );
}

export const GRID: readonly Situation[] = [
  ...VARIATIONS.flatMap(([arrivalCv, tokenCv]) => situations(MIXES, 1, arrivalCv, tokenCv)),
  // How long such bursts wait for a few places no simulation of this length knows.
  ...situations(MIXES, 16, 3, 1),
  ...situations(LONG_PROMPTS, 4, 1, 1),
  ...situations(LONG_PROMPTS, 4, 1, 0),
  ...situations(SHORT_OUTPUTS, 4, 1, 1),
  ...situations(SHORT_OUTPUTS, 4, 1, 0),
];
