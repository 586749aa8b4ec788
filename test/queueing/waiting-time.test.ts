import { test } from 'tap';
import { poissonBelow, poissonBelowAt } from '../../src/numerics/poisson-tail.ts';
import { waitQuantile, waitTail } from '../../src/queueing/waiting-time.ts';
import { near } from '../support/properties.ts';
import { longWaitTail } from '../support/waiting-chain.ts';

const tail = (x: number, room: number, ratio: number) => waitTail(x, room, ratio - 1, Math.log(ratio));
const quantile = (share: number, room: number, ratio: number) =>
  waitQuantile(share, room, ratio - 1, Math.log(ratio));

const RATIOS = [0.02, 0.5, 0.9, 0.99, 0.9999, 1 - 1e-6, 1 - 1e-12, 1, 1 + 1e-9, 1.0001, 1.01, 1.5, 4];

test('tails of waiting times are those of the long sum over Erlang tails', async (t) => {
  for (const room of [1, 2, 3, 17, 400]) {
    for (const ratio of RATIOS) {
      for (const share of [0, 0.1, 0.5, 0.9, 1, 1.2]) {
        const x = share * room;
        near(tail(x, room, ratio), longWaitTail(x, room, ratio), 1e-9, 1e-12, `${room} ${ratio} ${x}`);
      }
    }
  }
  t.pass(`${5 * 6 * RATIOS.length} tails`);
});

test('a quantile leaves the share that it is asked for, up to rooms of millions', async (t) => {
  for (const room of [1, 5, 400]) {
    for (const ratio of RATIOS) {
      for (const share of [0.999, 0.5, 0.05, 0.001]) {
        near(
          longWaitTail(quantile(share, room, ratio), room, ratio),
          share,
          1e-8,
          0,
          `${room} ${ratio} ${share}`,
        );
      }
    }
  }
  for (const room of [1e5, 1e6, 5e6]) {
    for (const ratio of RATIOS) {
      const x = quantile(0.01, room, ratio);
      near(tail(x, room, ratio), 0.01, 1e-6, 0, `${room} ${ratio}`);
      // Waits spread by about √Q around those without chance.
      if (ratio >= 1 && room * (ratio - 1) < 1e-2) near(x, 0.99 * room, 0.01, 0, `even ${room} ${ratio}`);
    }
  }
  t.equal(quantile(1, 10, 0.5), 0);
  near(quantile(0.01, Number.POSITIVE_INFINITY, 0.9), Math.log(100) / 0.1, 1e-12, 0, 'M/M/c');
});

test('a Poisson variable is below its mean as often as the sum of its probabilities says', async (t) => {
  for (const [count, mean] of [
    [1, 1e-9],
    [3, 2],
    [14, 14],
    [15, 15],
    [40, 80],
    [80, 40],
    [300, 290],
    [300, 340],
    [1_000, 20],
  ]) {
    let term = Math.exp(-mean);
    let sum = 0;
    for (let k = 0; k < count; k++) {
      sum += term;
      term *= mean / (k + 1);
    }
    near(poissonBelow(count, mean), sum, 1e-12, 0, `${count} ${mean}`);
    for (const more of [0, 0.01, 0.8, 5]) {
      const above = poissonBelow(count, mean + more);
      near(
        poissonBelowAt(count, mean + more, more, above),
        sum,
        1e-10,
        1e-11,
        `${count} ${mean} from ${more} above`,
      );
    }
  }
  t.equal(poissonBelow(0, 3), 0);
  t.equal(poissonBelow(Number.POSITIVE_INFINITY, 3), 1);
  // 1/2 - 1/(3·√(2π·n)) where n is the mean itself, to first order (Ramanujan).
  near(poissonBelow(1e6, 1e6), 0.5 - 1 / (3 * Math.sqrt(2e6 * Math.PI)), 1e-8, 0, 'a million');
});
