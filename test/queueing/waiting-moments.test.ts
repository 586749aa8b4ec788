import { test } from 'tap';
import { lineBefore } from '../../src/queueing/waiting-moments.ts';

test('mean and variance of the line are those of its weights, summed one by one', (t) => {
  for (const room of [1, 2, 7, 100, 2000]) {
    for (const ratio of [0.01, 0.5, 0.9, 0.99, 0.9999999, 1, 1.0000001, 1.01, 1.5, 20]) {
      const line = { mean: Number.NaN, variance: Number.NaN };
      lineBefore(ratio, room, line);
      // From the heavy end, so that nothing overflows.
      const light = Math.min(ratio, 1 / ratio);
      let [sum, first, second] = [0, 0, 0];
      for (let i = 0; i < room; i++) {
        const place = ratio <= 1 ? i : room - 1 - i;
        sum += light ** i;
        first += place * light ** i;
        second += place * place * light ** i;
      }
      const mean = first / sum;
      const variance = second / sum - mean * mean;
      const name = `${room} places, r = ${ratio}`;
      t.ok(Math.abs(line.mean - mean) < 1e-5 * (1 + mean), `mean, ${name}: ${line.mean} for ${mean}`);
      t.ok(
        Math.abs(line.variance - variance) < 1e-4 * (1 + variance),
        `variance, ${name}: ${line.variance} for ${variance}`,
      );
    }
  }
  t.end();
});

test('without a limit the line is geometric', (t) => {
  const line = { mean: Number.NaN, variance: Number.NaN };
  lineBefore(0.8, Number.POSITIVE_INFINITY, line);
  t.ok(Math.abs(line.mean - 4) < 1e-12);
  t.ok(Math.abs(line.variance - 20) < 1e-12);
  t.end();
});
