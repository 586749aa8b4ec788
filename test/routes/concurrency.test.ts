import { test } from 'tap';
import type { Concurrency, ConcurrencyRequest, Sizing } from '../../src/schemas/station.ts';
import { answerChecks, example, post, service } from '../support/service.ts';

const request = example('/concurrency', 'targets') as ConcurrencyRequest;

test('/concurrency answers in the shape of its schema, with every pinned field', async (t) => {
  const app = await service(t);
  const faultsOf = await answerChecks(app);
  for (const targets of [request.targets, { itlMs: 20 }]) {
    const { status, body } = await post<Concurrency>(app, '/concurrency', { ...request, targets });
    t.equal(status, 200);
    t.strictSame(faultsOf('Concurrency', body), []);
    for (const field of ['feasible', 'maxBatchSize', 'throughputPerSec', 'ceilingThroughputPerSec', 'at'])
      t.ok(Object.hasOwn(body, field), field);
  }
});

test('The batch limit found has the throughput that /size finds, within 1 % of that at the ceiling', async (t) => {
  const app = await service(t);
  const { body } = await post<Concurrency>(app, '/concurrency', request);
  const sized = async (maxBatchSize: number) => {
    const station = { ...request.station, maxBatchSize };
    return (await post<Sizing>(app, '/size', { ...request, station })).body.throughputPerSec;
  };
  t.equal(body.feasible, true);
  t.ok(body.maxBatchSize! < 256);
  t.equal(body.throughputPerSec, await sized(body.maxBatchSize!));
  t.equal(body.ceilingThroughputPerSec, await sized(256));
  t.ok(body.throughputPerSec! >= 0.99 * body.ceilingThroughputPerSec!);
  t.ok(
    (await sized(body.maxBatchSize! - 1))! < 0.99 * body.ceilingThroughputPerSec!,
    'one less is too little',
  );
  t.ok(body.at!.itlMs! <= 80 && body.at!.ttftMs! <= 2000, 'the targets hold');
});

test('Where every place in the batch adds as much as the first, all but 1 % of the places are needed', async (t) => {
  const app = await service(t);
  const station = {
    serviceTime: { alphaMs: 10, betaMsPerToken: 0, gammaMsPerToken2: 0 },
    maxBatchSize: 150,
    inputTokens: 100,
    outputTokens: 9,
  };
  const { body } = await post<Concurrency>(app, '/concurrency', { station, targets: {} });
  t.equal(body.maxBatchSize, 149);
  t.ok(Math.abs(body.ceilingThroughputPerSec! - 1498.5) < 1e-6);
});

test('Targets below what an empty replica reaches are infeasible, with the reason', async (t) => {
  const app = await service(t);
  const { body } = await post<Concurrency>(app, '/concurrency', { ...request, targets: { itlMs: 20 } });
  const nothing = { maxBatchSize: null, throughputPerSec: null, ceilingThroughputPerSec: null, at: null };
  t.match(body, { feasible: false, ...nothing });
  t.match(body.reason, { code: 'targets-unreachable', text: /itlMs is 21\.44 .* the target is 20/ });
});
