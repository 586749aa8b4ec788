import fc from 'fast-check';
import { type Test, test } from 'tap';
import type { Queue, QueueMetrics } from '../../src/queueing/queue-model.ts';
import { newMetrics } from '../../src/queueing/queue-model.ts';
import { sizeRate } from '../../src/queueing/sizing.ts';
import { loadRegistry } from '../../src/registry.ts';
import type { ServiceTime } from '../../src/schemas/model.ts';
import type { Analysis, Station } from '../../src/schemas/station.ts';
import { forAll, near } from '../support/properties.ts';
import { meets, metricsAt, targetsBetween } from '../support/queues.ts';
import { post, service } from '../support/service.ts';
import { logUniform, stations, uniform } from '../support/stations.ts';

type Terms = Pick<ServiceTime, 'prefillMsPerToken' | 'requestOverheadMs' | 'residualIterations'>;

const { queueModels } = await loadRegistry();
const model = queueModels.get('state-dependent')!;

const withTerms = (station: Station, terms: Terms): Station => ({
  ...station,
  serviceTime: { ...station.serviceTime!, ...terms },
});
const prepare = (station: Station, terms: Terms = {}): Queue => model.prepare(withTerms(station, terms), {});

const points = fc.record({ station: stations(), load: logUniform(1e-5, 3) });
const everyTerm = fc.record({
  prefillMsPerToken: logUniform(1e-4, 0.3),
  requestOverheadMs: logUniform(0.1, 50),
  residualIterations: uniform(0.1, 1),
});

/** Asserts a claim about the metrics with some terms and with others. */
function compare(
  t: Test,
  claim: string,
  [some, others]: readonly [Terms, Terms],
  holds: (a: QueueMetrics, b: QueueMetrics) => boolean,
) {
  forAll(t, claim, points, ({ station, load }) => {
    const [a, b] = [prepare(station, some), prepare(station, others)];
    const rate = load * a.maxRequestsPerSec;
    return holds(metricsAt(a, rate), metricsAt(b, rate));
  });
}

const same = (a: QueueMetrics, b: QueueMetrics, names = Object.keys(a) as (keyof QueueMetrics)[]) =>
  names.every((name) => Object.is(a[name], b[name]));
/** What terms of the first token do not touch: everything but the latencies up to it. */
const OTHERS = ['throughputPerSec', 'lossFraction', 'waitMs', 'itlMs', 'inService', 'segment'] as const;

test('terms of zero give the same numbers as none', async (t) => {
  compare(t, 'every metric', [{}, { requestOverheadMs: 0, residualIterations: 0 }], (a, b) => same(a, b));
});

test('each term raises the TTFT and leaves the ITL and all rates as they are', async (t) => {
  const steps: readonly (readonly [Terms, Terms])[] = [
    [{}, { requestOverheadMs: 6.6 }],
    [{}, { residualIterations: 0.5 }],
    [{ requestOverheadMs: 1 }, { requestOverheadMs: 2 }],
    [{ residualIterations: 0.5 }, { residualIterations: 1 }],
    [{ prefillMsPerToken: 0.02 }, { prefillMsPerToken: 0.03 }],
  ];
  for (const step of steps) {
    compare(t, JSON.stringify(step), step, (a, b) => {
      if (!same(a, b, [...OTHERS])) return false;
      return Number.isNaN(a.ttftMs)
        ? Number.isNaN(b.ttftMs)
        : b.ttftMs >= a.ttftMs && b.responseMs >= a.responseMs;
    });
  }
});

test('the overhead of a request is added as it is', async (t) => {
  compare(t, '7 ms', [{}, { requestOverheadMs: 7 }], (a, b) => {
    if (Number.isNaN(a.ttftMs)) return true;
    near(b.ttftMs, a.ttftMs + 7, 1e-12, 1e-9, 'TTFT');
    near(b.responseMs, a.responseMs + 7, 1e-12, 1e-9, 'response');
    return true;
  });
});

test('an empty replica has no iteration under way to wait for', async (t) => {
  forAll(t, 'TTFT', stations(), (station) => {
    const [plain, residual] = [prepare(station), prepare(station, { residualIterations: 1 })];
    const rate = 1e-9 * plain.maxRequestsPerSec;
    near(metricsAt(residual, rate).ttftMs, metricsAt(plain, rate).ttftMs, 1e-6, 0, 'TTFT');
    return true;
  });
});

test('sizing answers a stable rate at which the targets hold, whatever the terms', async (t) => {
  const searches = fc.record({
    station: stations({ batch: [4, 48] }),
    terms: everyTerm,
    ttftShare: uniform(0.05, 0.95),
    itlShare: uniform(0.05, 0.95),
  });
  let feasible = 0;
  forAll(t, 'the rate', searches, ({ station, terms, ttftShare, itlShare }) => {
    const queue = prepare(station, terms);
    const targets = targetsBetween(queue, ttftShare, itlShare);
    const sized = sizeRate(queue, targets, newMetrics());
    if (!sized.feasible) return !meets(metricsAt(queue, queue.minRequestsPerSec), targets);
    feasible++;
    return (
      sized.requestsPerSec <= queue.maxRequestsPerSec &&
      meets(metricsAt(queue, sized.requestsPerSec), targets)
    );
  });
  t.ok(feasible > 100, `${feasible} of 200 are feasible`);
});

test('a term that takes of the TTFT target leaves a lower rate, never a higher one', async (t) => {
  const searches = fc.record({
    station: stations({ batch: [4, 48], oneChunk: true }),
    share: uniform(0.3, 0.9),
  });
  forAll(t, 'the rate', searches, ({ station, share }) => {
    const plain = prepare(station);
    const { ttftMs } = targetsBetween(plain, share, 1);
    const rateOf = (queue: Queue) => {
      const sized = sizeRate(queue, { ttftMs }, newMetrics());
      return sized.feasible ? sized.requestsPerSec : 0;
    };
    return rateOf(prepare(station, { requestOverheadMs: ttftMs / 10 })) <= rateOf(plain) * (1 + 1e-9);
  });
});

test('/analyze takes them, and refuses what they cannot be', async (t) => {
  const app = await service(t);
  const serviceTime = { alphaMs: 6.6, betaMsPerToken: 0.02, gammaMsPerToken2: 5e-5 };
  const station = { serviceTime, maxBatchSize: 64, inputTokens: 512, outputTokens: 128 };
  const terms = { prefillMsPerToken: 0.023, requestOverheadMs: 6.6, residualIterations: 0.5 };
  const analyzed = async (more: Terms) => {
    const body = { station: withTerms(station, more), requestsPerSec: 5 };
    return post<Analysis>(app, '/analyze', body);
  };
  const [plain, full] = [await analyzed({}), await analyzed(terms)];
  t.equal(full.status, 200);
  const [before, after] = [plain.body.points[0], full.body.points[0]];
  t.equal(after.itlMs, before.itlMs);
  t.ok(after.ttftMs! > before.ttftMs! + 6.6);
  for (const [name, value] of Object.entries({
    prefillMsPerToken: -1,
    requestOverheadMs: 2e6,
    residualIterations: 101,
  }))
    t.equal((await analyzed({ [name]: value })).status, 400, name);
});
