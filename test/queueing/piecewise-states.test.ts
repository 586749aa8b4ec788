import fc from 'fast-check';
import { test } from 'tap';
import { newWeights } from '../../src/queueing/batch-states.ts';
import { LinearLaw } from '../../src/queueing/laws/linear.ts';
import { LinearStates } from '../../src/queueing/linear-states.ts';
import { PiecewiseStates } from '../../src/queueing/piecewise-states.ts';
import { serviceRates } from '../support/long-sum.ts';
import { forAll, near } from '../support/properties.ts';
import { logUniform, stations } from '../support/stations.ts';

const rounding = 1e-14;

test('the sum and the closed form give one chunk the same weights', async (t) => {
  let closed = 0;
  const values = fc.record({
    station: stations({ batch: [1, 400], oneChunk: true }),
    load: logUniform(1e-3, 4),
  });
  forAll(t, 'every sum', values, ({ station, load }) => {
    const full = station.maxBatchSize;
    const law = new LinearLaw(station);
    const linear = new LinearStates(law.fixedMs(1), law.perRequestMs(1), full);
    const fullRate = full / law.timeInServiceMs(full);
    const lambda = load * fullRate;
    if (!linear.covers(lambda, fullRate)) return true;
    closed++;
    const [a, b] = [newWeights(), newWeights()];
    linear.weigh(lambda, a);
    new PiecewiseStates(law, full).weigh(lambda, b);
    const total = b.below + b.full;
    near(a.below, b.below / total, 1e-9, rounding, 'below');
    near(a.full, b.full / total, 1e-9, rounding, 'full');
    return near(a.belowInService, b.belowInService / total, 1e-9, full * rounding, 'in service');
  });
  t.ok(closed > 100, `${closed} of 200 have a closed form`);
});

test('the sum over many chunk counts is that over every state', async (t) => {
  const chunked = stations({ batch: [2, 200] }).map((station) => ({ ...station, maxBatchTokens: 64 }));
  forAll(
    t,
    'every sum',
    fc.record({ station: chunked, load: logUniform(1e-3, 100) }),
    ({ station, load }) => {
      const full = station.maxBatchSize;
      const rates = serviceRates(station);
      const lambda = load * rates[full]!;
      const logs = [0];
      for (let n = 1; n <= full; n++) logs.push(logs[n - 1]! + Math.log(lambda / rates[n]!));
      const heaviest = Math.max(...logs);
      const plain = logs.map((logarithm) => Math.exp(logarithm - heaviest));
      const total = plain.reduce((sum, weight) => sum + weight, 0);
      const inService = plain.reduce((sum, weight, n) => sum + (n < full ? n * weight : 0), 0);
      const weights = newWeights();
      new PiecewiseStates(new LinearLaw(station), full).weigh(lambda, weights);
      const ours = weights.below + weights.full;
      near(weights.full / ours, plain[full]! / total, 1e-9, rounding, 'full');
      near(
        weights.logFull - Math.log(ours),
        logs[full]! - heaviest - Math.log(total),
        1e-9,
        1e-9,
        'its logarithm',
      );
      return near(weights.belowInService / ours, inService / total, 1e-9, full * rounding, 'in service');
    },
  );
});
