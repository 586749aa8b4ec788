import fc from 'fast-check';
import { test } from 'tap';
import { bracketingRoot } from '../../src/numerics/bracketing-root.ts';
import { forAll, forEach, near } from '../support/properties.ts';
import { logUniform } from '../support/stations.ts';

interface Search {
  readonly root: number;
  readonly evaluatedAt: number[];
}

function search(
  f: (x: number) => number,
  low: number,
  high: number,
  tolerance: number,
  first = Number.NaN,
): Search {
  const evaluatedAt: number[] = [];
  const counted = (x: number) => {
    evaluatedAt.push(x);
    return f(x);
  };
  return { root: bracketingRoot(counted, low, f(low), high, f(high), tolerance, first), evaluatedAt };
}

/** Evaluations that halving the bracket takes under the same rule for the end. */
function bisectionCount(f: (x: number) => number, low: number, high: number, tolerance: number): number {
  let count = 0;
  while (high - low > tolerance * low) {
    const middle = (low + high) / 2;
    const value = f(middle);
    count++;
    if (Math.abs(value) <= tolerance) break;
    if (value <= 0) low = middle;
    else high = middle;
  }
  return count;
}

const KNOWN = [
  { name: 'x² - 2', f: (x: number) => x * x - 2, low: 0.1, high: 10, root: Math.SQRT2 },
  { name: 'ln x - 1', f: (x: number) => Math.log(x) - 1, low: 0.01, high: 100, root: Math.E },
  { name: '-cos x', f: (x: number) => -Math.cos(x), low: 0.5, high: 3, root: Math.PI / 2 },
  { name: 'e^x - 1000', f: (x: number) => Math.exp(x) - 1000, low: 1, high: 20, root: Math.log(1000) },
  { name: '1 - 5·(1 - x)', f: (x: number) => 1 - 5 * (1 - x), low: 0.001, high: 0.999, root: 0.8 },
  { name: '1/(1 - x) - 1000', f: (x: number) => 1 / (1 - x) - 1000, low: 0.001, high: 0.9999, root: 0.999 },
  { name: 'x⁹ - 1', f: (x: number) => x ** 9 - 1, low: 0.2, high: 4, root: 1 },
];

test('roots of known functions are found within the tolerance', async (t) => {
  forEach(t, 'the root', KNOWN, ({ f, low, high, root }) => {
    return near(search(f, low, high, 1e-10).root, root, 1e-9, 0, 'the root');
  });
});

test('smooth functions take less than half the evaluations of bisection, and none takes more', async (t) => {
  let ours = 0;
  let bisection = 0;
  for (const { name, f, low, high } of KNOWN) {
    const count = search(f, low, high, 1e-10).evaluatedAt.length;
    const halvings = bisectionCount(f, low, high, 1e-10);
    t.ok(count <= halvings, `${name}: ${count} against ${halvings}`);
    ours += count;
    bisection += halvings;
  }
  t.ok(ours < bisection / 2, `${ours} against ${bisection}`);
});

test('any rising function is solved, and from below', async (t) => {
  const functions = fc.record({
    root: logUniform(0.01, 99),
    power: fc.constantFrom(1, 3, 9, 0.2),
    scale: logUniform(1e-3, 1e3),
    steep: fc.constantFrom(0, 1, 1e3),
  });
  forAll(t, 'the root', functions, ({ root, power, scale, steep }) => {
    const f = (x: number) => {
      const d = x - root;
      return scale * (Math.sign(d) * Math.abs(d) ** power + steep * Math.expm1(d / 20));
    };
    const found = search(f, 0.001, 100, 1e-9);
    if (found.evaluatedAt.length > 100) return false;
    const value = f(found.root);
    return value <= 1e-9 && (value >= -1e-9 || f(found.root * (1 + 2e-9)) >= 0);
  });
});

test('at a jump the point below it is the answer', async (t) => {
  forAll(t, 'the jump', logUniform(0.01, 99), (jump) => {
    const { root, evaluatedAt } = search((x) => (x < jump ? -1 : 1), 0.001, 100, 1e-9);
    return root < jump && root > jump * (1 - 2e-9) && evaluatedAt.length <= 100;
  });
});

test('a low end within the tolerance is the answer without an evaluation', async (t) => {
  t.same(
    search((x) => x - 1 - 5e-10, 1, 2, 1e-9),
    { root: 1, evaluatedAt: [] },
  );
});

test('an estimate inside the bracket is tried first, one outside is not', async (t) => {
  const f = (x: number) => x * x - 2;
  t.doesNotThrow(() =>
    near(search(f, 1, 2, 1e-12, 1.4).evaluatedAt[0] ?? 0, 1.4, 1e-15, 0, 'the first point'),
  );
  t.equal(search(f, 1, 2, 1e-9, Math.SQRT2).evaluatedAt.length, 1);
  forEach(t, 'every point lies inside the bracket', [0.5, 1, 2, 7, Number.NaN], (outside) => {
    const { root, evaluatedAt } = search(f, 1, 2, 1e-9, outside);
    near(root, Math.SQRT2, 1e-8, 0, 'the root');
    return evaluatedAt.every((x) => x > 1 && x < 2);
  });
});
