import { test } from 'tap';
import measured from '../../src/queueing/models/measured.ts';
import { ThroughputTable } from '../../src/queueing/throughput-table.ts';

const rates = [
  { inputTokens: 100, outputTokens: 50, requestsPerSec: 10 },
  { inputTokens: 100, outputTokens: 150, requestsPerSec: 5 },
  { inputTokens: 300, outputTokens: 50, requestsPerSec: 4 },
  { inputTokens: 300, outputTokens: 150, requestsPerSec: 2 },
  { inputTokens: 900, outputTokens: 50, requestsPerSec: 1 },
  { inputTokens: 900, outputTokens: 150, requestsPerSec: 0 },
];

const rate = (inputTokens: number, outputTokens: number) =>
  Number(new ThroughputTable(rates).rate(inputTokens, outputTokens).toFixed(12));

test('a measured size has its rate', async (t) => {
  for (const { inputTokens, outputTokens, requestsPerSec } of rates) {
    t.equal(rate(inputTokens, outputTokens), requestsPerSec);
  }
});

test('between sizes the time that a request takes is interpolated', async (t) => {
  // 0.1 s and 0.2 s: 0.15 s.
  t.equal(rate(100, 100), Number((1 / 0.15).toFixed(12)));
  // A quarter of the way from 0.1 s to 0.25 s.
  t.equal(rate(150, 50), Number((1 / 0.1375).toFixed(12)));
  // The middle of 0.1, 0.2, 0.25 and 0.5 s.
  t.equal(rate(200, 100), Number((4 / 1.05).toFixed(12)));
  t.equal(rate(600, 50), Number((2 / 1.25).toFixed(12)));
});

test('nothing is extrapolated, and next to a size that cannot be served nothing can', async (t) => {
  t.equal(rate(99, 50), 0, 'a shorter prompt');
  t.equal(rate(901, 50), 0, 'a longer prompt');
  t.equal(rate(100, 49), 0);
  t.equal(rate(100, 151), 0);
  t.equal(rate(600, 51), 0, 'a corner of rate 0');
  t.equal(rate(900, 150), 0);
  const sparse = new ThroughputTable([rates[0], rates[3]]);
  t.equal(sparse.rate(200, 100), 0, 'two corners are not measured');
  t.equal(sparse.rate(100, 50), 10);
  t.equal(new ThroughputTable([]).rate(100, 50), 0);
});

test('of several sizes each takes its part of the time', async (t) => {
  const station = { throughput: rates, maxBatchSize: 8, inputTokens: 200, outputTokens: 50 };
  const size = (inputTokens: number, share: number) => ({ inputTokens, outputTokens: 50, share });
  const highest = (sizes: ReturnType<typeof size>[]) =>
    Number(measured.prepare({ ...station, sizes }).maxRequestsPerSec.toFixed(9));
  t.equal(highest([size(100, 0.5), size(300, 0.5)]), Number((1 / 0.175).toFixed(9)));
  t.equal(highest([size(100, 1)]), 10);
  t.equal(highest([size(100, 0.5), size(1_000, 0.5)]), 0, 'one of them cannot be served');
});
