import { loadForTuning, tuneRequest } from '../src/operations/tune-request.ts';
import { newMetrics } from '../src/queueing/queue-model.ts';
import type { Registry } from '../src/registry.ts';
import type { Observation } from '../src/schemas/observation.ts';
import type { TuneItem } from '../src/schemas/tune.ts';
import { loopDelay } from './loop-delay.ts';
import { type Row, type Section, timeMs } from './rows.ts';

const ITEMS = 1_000;
/** Observations before the one that is timed: the estimators are past their start. */
const BEFORE = 20;

/** One new observation of each of many variants, and one window fitted. */
export async function tuner(registry: Registry): Promise<Section> {
  const rows: Row[] = [];
  let last: object = {};
  for (const estimator of ['extended-kalman-filter', 'auto', 'sliding-window']) {
    await loadForTuning({ estimator }, registry);
    const items = Array.from({ length: ITEMS }, (_, i) => itemAfter(i, estimator, registry));
    const request = { items, estimator };
    const text = JSON.stringify(request);
    const what = `${ITEMS} items × 1 observation, ${estimator}`;
    rows.push({ what, ms: timeMs(() => tuneRequest(request, registry), 7), ratio: null });
    const whole = () => JSON.stringify(tuneRequest(JSON.parse(text), registry));
    rows.push({ what: `${what}, read and written as JSON`, ms: timeMs(whole, 7), ratio: null });
    if (estimator === 'auto') last = request;
    if (estimator === 'sliding-window') {
      const one = { items: items.slice(0, 1), estimator };
      rows.push({
        what: 'a window of 10 fitted',
        ms: timeMs(() => tuneRequest(one, registry), 15, 10),
        ratio: null,
      });
    }
  }
  rows.push(...(await loopDelay(`${ITEMS} items, auto`, '/tune', last, registry)));
  return { rows, figures: [] };
}

/** A variant that has been observed for a while, and a new observation of it. */
function itemAfter(i: number, estimator: string, registry: Registry): TuneItem {
  const observations = Array.from({ length: BEFORE + 1 }, (_, j) => observed(i, j, registry));
  const seed = { alphaMs: 8, betaMsPerToken: 0.03, gammaMsPerToken2: 1e-4 };
  const names = { model: `model-${i}`, variant: 'A100' };
  const [before] = tuneRequest(
    { items: [{ ...names, seed, observations: observations.slice(0, BEFORE) }], estimator },
    registry,
  ).items;
  return { ...names, state: before.state as TuneItem['state'], observations: observations.slice(BEFORE) };
}

/** What a replica with parameters of its own does at a load of its own, within a few percent. */
function observed(i: number, j: number, registry: Registry): Observation {
  const share = (k: number) => (((i + 1) * 7919 + (j + 1) * 104_729 + k * 1_299_709) % 1009) / 1009;
  const station = {
    serviceTime: {
      alphaMs: 6 + (i % 11) / 2,
      betaMsPerToken: 0.02 + (i % 5) / 200,
      gammaMsPerToken2: 5e-5 + (i % 7) / 1e5,
    },
    inputTokens: Math.round(100 + 1900 * share(1)),
    outputTokens: Math.round(50 + 450 * share(2)),
    maxBatchSize: 256,
    maxQueueLength: 64,
  };
  const queue = registry.queueModels.get('state-dependent')!.prepare(station, {});
  const metrics = newMetrics();
  const requestsPerSec = queue.maxRequestsPerSec * (0.1 + 0.7 * share(3));
  queue.evaluate(requestsPerSec, metrics);
  const { serviceTime: _, ...where } = station;
  const noisy = (latencyMs: number, k: number) => latencyMs * (0.95 + 0.1 * share(k));
  return { ...where, requestsPerSec, ttftMs: noisy(metrics.ttftMs, 4), itlMs: noisy(metrics.itlMs, 5) };
}
