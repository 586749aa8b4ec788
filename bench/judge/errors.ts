import { newMetrics, type QueueModel } from '../../src/queueing/queue-model.ts';
import type { Situation } from './grid.ts';
import { SURE_WITHIN, stationOf, type Truth } from './truth.ts';

/** What a model is judged by. */
export const JUDGED = ['ttftMs', 'ttftP95Ms', 'ttftP99Ms', 'itlMs', 'itlP95Ms', 'itlP99Ms'] as const;
export type Judged = (typeof JUDGED)[number];

const WIDTHS = {
  ttftMs: 'ttftWidth',
  ttftP95Ms: 'ttftP95Width',
  ttftP99Ms: 'ttftP99Width',
  itlMs: 'itlWidth',
  itlP95Ms: 'itlP95Width',
  itlP99Ms: 'itlP99Width',
} as const satisfies Record<Judged, keyof Truth>;

/** Predicted over simulated, less 1; NaN: the model does not tell it, or simulation does not know it well enough. */
export type Errors = Readonly<Record<Judged, number>>;

/** How far a model is off in one situation. Models that leave out the rest of the iteration under way are held against TTFT less that. */
export function errorsOf(model: QueueModel, situation: Situation, truth: Truth): Errors {
  const metrics = newMetrics();
  const queue = model.prepare(stationOf(situation), optionsFor(model, situation));
  const at = (percentile?: number) => {
    const view =
      percentile === undefined ? queue : queue.atPercentiles?.({ ttft: percentile, itl: percentile });
    metrics.ttftMs = Number.NaN;
    metrics.itlMs = Number.NaN;
    view?.evaluate(truth.requestsPerSec, metrics);
    return { ttft: metrics.ttftMs, itl: metrics.itlMs };
  };
  const [mean, p95, p99] = [at(), at(0.95), at(0.99)];
  const leftOut = model.knowsResidual ? 0 : truth.residualMs;
  const error = (judged: Judged, predicted: number, simulated: number = truth[judged]) =>
    truth[WIDTHS[judged]] <= SURE_WITHIN ? predicted / simulated - 1 : Number.NaN;
  return {
    ttftMs: error('ttftMs', mean.ttft, truth.ttftMs - leftOut),
    ttftP95Ms: error('ttftP95Ms', p95.ttft),
    ttftP99Ms: error('ttftP99Ms', p99.ttft),
    itlMs: error('itlMs', mean.itl),
    itlP95Ms: error('itlP95Ms', p95.itl),
    itlP99Ms: error('itlP99Ms', p99.itl),
  };
}

/** The model is told what varies, where it asks. */
function optionsFor(model: QueueModel, { arrivalCv, tokenCv }: Situation): object {
  const known: Readonly<Record<string, number>> = {
    arrivalCv,
    tokenCv,
    inputCv: tokenCv,
    outputCv: tokenCv,
  };
  const { properties = {} } = model.options as { properties?: object };
  return Object.fromEntries(Object.entries(known).filter(([name]) => name in properties));
}
