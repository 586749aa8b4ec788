import fc from 'fast-check';
import { test } from 'tap';
import { LinearLaw } from '../../src/queueing/laws/linear.ts';
import { plainLaw } from '../support/long-sum.ts';
import { forAll, near } from '../support/properties.ts';
import { stations } from '../support/stations.ts';

const batches = fc.record({ station: stations(), batch: fc.integer({ min: 1, max: 512 }) });

test('the chunk count is the smallest that fits the batch into the token budget', async (t) => {
  forAll(t, 'chunks', batches, ({ station, batch }) => {
    return new LinearLaw(station).chunks(batch) === plainLaw(station).chunksOf(batch);
  });
});

test('times follow the formulas', async (t) => {
  forAll(t, 'times', batches, ({ station, batch }) => {
    const law = new LinearLaw(station);
    const plain = plainLaw(station);
    const c = plain.chunksOf(batch);
    near(law.prefillWorkMs(c), plain.prefillWork(c), 1e-12, 0, 'prefill work');
    near(law.workPerIterationMs(c), plain.meanWork(c), 1e-12, 0, 'work per iteration');
    near(law.decodeStepMs * station.outputTokens, plain.decodeWork, 1e-12, 0, 'decode work');
    near(law.timeInServiceMs(batch), plain.timeInService(batch, c), 1e-12, 0, 'time in service');
    return near(law.prefillMs(batch - 0.5, c), plain.prefill(batch - 0.5, c), 1e-9, 1e-9, 'prefill');
  });
});

test('a prompt held by the prefix cache as a whole is one chunk that costs only its transfer', async (t) => {
  const serviceTime = { alphaMs: 8, betaMsPerToken: 0.5, gammaMsPerToken2: 0.001 };
  const station = { serviceTime, maxBatchSize: 8, inputTokens: 9000, outputTokens: 50, maxBatchTokens: 512 };
  const cached = new LinearLaw({ ...station, cachedInputTokens: 9000 });
  t.equal(cached.chunks(8), 1);
  t.equal(cached.prefillWorkMs(1), 9);
  t.ok(new LinearLaw(station).chunks(8) > 1, 'without the cache it takes several');
});

test('in turn every iteration is filled up: B requests compute B·(L + m) tokens in k + m iterations of C', (t) => {
  const serviceTime = { alphaMs: 8, betaMsPerToken: 0.5, gammaMsPerToken2: 0 };
  const station = { serviceTime, maxBatchSize: 64, inputTokens: 2000, outputTokens: 48, maxBatchTokens: 512 };
  const law = new LinearLaw(station, 0, 0, true);
  t.equal(law.chunks(1), 4, 'alone it takes as many as it fills');
  t.equal(law.chunks(13), 4, '13·2048 = 52·512');
  t.equal(law.chunks(14), 8, '14·2048 = 56·512');
  t.equal(law.largestBatch(8), 14);
  t.equal(law.largestBatch(3), 0, 'three do not hold the prompt');
  t.end();
});

test('the chunk count stays finite where no budget is enough', async (t) => {
  const serviceTime = { alphaMs: 8, betaMsPerToken: 0, gammaMsPerToken2: 0 };
  const law = new LinearLaw({
    serviceTime,
    maxBatchSize: 4096,
    inputTokens: 1e7,
    outputTokens: 1e7,
    maxBatchTokens: 1,
  });
  const chunks = law.chunks(4096);
  t.ok(chunks > 1e10 && Number.isFinite(chunks), `${chunks} chunks`);
});
