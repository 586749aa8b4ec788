import { analyze } from '../../src/queueing/analysis.ts';
import model from '../../src/queueing/models/state-dependent.ts';

/** Parameters of the replicas that are pretended. */
export const LAW = { alpha: 12, beta: 0.04, gamma: 0.0006 };

interface Place {
  readonly model?: string;
  readonly accelerator?: string;
}

/** What a replica does at a load (requests/min), as a Go client of llm-inferno writes it: every field is there. */
export function replica(rate: number, inTokens: number, outTokens: number, place: Place = {}) {
  const { alpha, beta, gamma } = LAW;
  const queue = model.prepare({
    serviceTime: { alphaMs: alpha, betaMsPerToken: beta, gammaMsPerToken2: gamma },
    maxBatchSize: 128,
    maxQueueLength: 0,
    inputTokens: inTokens,
    outputTokens: outTokens,
  });
  const { ttftMs, itlMs } = analyze(queue, rate / 60);
  const load = { arrivalRate: rate, throughput: rate, avgInTokens: inTokens, avgOutTokens: outTokens };
  const nothing = { arrivalRate: 0, throughput: 0, avgInTokens: 0, avgOutTokens: 0 };
  return {
    name: 'premium/pod-a',
    class: '',
    model: place.model ?? 'org/granite_8b',
    keepAccelerator: false,
    minNumReplicas: 0,
    maxBatchSize: 0,
    maxQueueSize: 0,
    currentAlloc: {
      accelerator: place.accelerator ?? 'H100',
      numReplicas: 1,
      maxBatch: 128,
      cost: 0,
      itlAverage: itlMs!,
      ttftAverage: ttftMs!,
      load,
    },
    desiredAlloc: {
      accelerator: '',
      numReplicas: 0,
      maxBatch: 0,
      cost: 0,
      itlAverage: 0,
      ttftAverage: 0,
      load: nothing,
    },
  };
}

/** A sweep that tells the parameters apart. */
export const sweep = (place: Place = {}) =>
  [
    [30, 512, 256],
    [60, 512, 256],
    [90, 512, 256],
    [120, 512, 256],
    [150, 512, 256],
    [60, 1024, 128],
    [60, 256, 512],
  ].map(([rate, input, output]) => replica(rate, input, output, place));
