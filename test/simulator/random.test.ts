import { test } from 'tap';
import { randomStreams } from '../../src/simulator/random.ts';
import { near } from '../support/properties.ts';

const SEEDS = 4000;

/** The draws of one place in a stream, seed by seed. */
function drawsOf(stream: number, place: number): number[] {
  return Array.from({ length: SEEDS }, (_, seed) => {
    const draw = randomStreams(seed, 3)[stream];
    for (let i = 0; i < place; i++) draw();
    return draw();
  });
}

test('draws of neighbouring seeds, and the first draws of all, are uniform and know nothing of one another', async (t) => {
  for (const stream of [0, 1, 2]) {
    for (const place of [0, 1, 2, 10, 30]) {
      const draws = drawsOf(stream, place);
      const mean = draws.reduce((sum, draw) => sum + draw, 0) / SEEDS;
      const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / SEEDS;
      const products = draws.slice(1).map((draw, i) => (draw - mean) * (draws[i] - mean));
      const correlation = products.reduce((sum, product) => sum + product, 0) / SEEDS / variance;
      const what = `draw ${place} of stream ${stream}`;
      // Four standard errors of each.
      t.doesNotThrow(() => near(mean, 0.5, 0, 4 / Math.sqrt(12 * SEEDS), 'mean'), what);
      t.doesNotThrow(() => near(12 * variance, 1, 0, 4 * Math.sqrt(0.8 / SEEDS), 'variance'), what);
      t.doesNotThrow(() => near(correlation, 0, 0, 4 / Math.sqrt(SEEDS), 'correlation'), what);
    }
  }
});

test('the same seed gives the same streams, and more streams leave the first ones as they are', async (t) => {
  const some = (seed: number, count: number) =>
    randomStreams(seed, count).map((draw) => Array.from({ length: 20 }, draw));
  t.same(some(5, 3), some(5, 3));
  t.same(some(5, 5).slice(0, 3), some(5, 3));
  t.notSame(some(5, 3), some(6, 3));
  t.equal(new Set(some(5, 3).flat()).size, 60, 'streams that do not overlap');
});

test('a stream is the same however much the others draw', async (t) => {
  const [first, second] = randomStreams(9, 2);
  const [busy, undisturbed] = randomStreams(9, 2);
  for (let i = 0; i < 1000; i++) busy();
  t.same(Array.from({ length: 10 }, undisturbed), Array.from({ length: 10 }, second));
  t.ok(first() < 1);
});
