import fc from 'fast-check';
import { test } from 'tap';
import { risingRoot } from '../../src/numerics/rising-root.ts';
import { forAll, forEach, near } from '../support/properties.ts';
import { logUniform } from '../support/stations.ts';

interface Search {
  readonly root: number;
  readonly evaluatedAt: number[];
}

function search(f: (x: number) => number, first: number, second: number, tolerance = 1e-9): Search {
  const evaluatedAt: number[] = [];
  const counted = (x: number) => {
    evaluatedAt.push(x);
    return f(x);
  };
  return { root: risingRoot(counted, 0.001, 100, tolerance, first, () => second), evaluatedAt };
}

const starts = fc.oneof(
  logUniform(0.0001, 1000),
  fc.constantFrom(Number.NaN, -1, 0.001, 100, Number.POSITIVE_INFINITY),
);

test('any rising function is solved from any start, inside the range, and the answer is what was seen last', async (t) => {
  const functions = fc.record({
    root: logUniform(0.002, 99),
    power: fc.constantFrom(1, 3, 9, 0.2),
    scale: logUniform(1e-3, 1e3),
    steep: fc.constantFrom(0, 1, 1e3),
    first: starts,
    second: starts,
  });
  forAll(
    t,
    'the root',
    functions,
    ({ root, power, scale, steep, first, second }) => {
      const f = (x: number) => {
        const d = x - root;
        return scale * (Math.sign(d) * Math.abs(d) ** power + steep * Math.expm1(d / 20));
      };
      const found = search(f, first, second);
      const value = f(found.root);
      return (
        found.evaluatedAt.length <= 110 &&
        found.evaluatedAt.every((x) => x >= 0.001 * (1 - 1e-9) && x <= 100) &&
        found.evaluatedAt.at(-1) === found.root &&
        value <= 1e-9 &&
        (value >= -1e-9 || f(found.root * (1 + 2e-9)) >= 0)
      );
    },
    600,
  );
});

test('without a root the end that is nearest to one is the answer', async (t) => {
  const cases = [Number.NaN, 0, 0.5, 3, 1000].flatMap((first) =>
    [0, 2, 1000].map((second) => [first, second]),
  );
  forEach(t, 'the end', cases, ([first, second]) => {
    near(search((x) => x, first!, second!).root, 0.001, 0, 0, 'the low end');
    return near(search((x) => x - 200, first!, second!).root, 100, 0, 0, 'the high end');
  });
});

test('good estimates take few steps, and neither end is looked at', async (t) => {
  const f = (x: number) => 1 - 5 / (x * x);
  const { root, evaluatedAt } = search(f, 2, 2.2, 1e-9);
  t.doesNotThrow(() => near(root, Math.sqrt(5), 1e-8, 0, 'the root'));
  t.ok(
    evaluatedAt.length <= 6 && !evaluatedAt.includes(0.001) && !evaluatedAt.includes(100),
    `${evaluatedAt}`,
  );
});
