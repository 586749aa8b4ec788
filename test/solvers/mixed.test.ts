import { test } from 'tap';
import { highsEngine } from '../../src/solvers/highs-engine.ts';
import { isMix } from '../../src/solvers/mix.ts';
import { solveByColumns } from '../../src/solvers/mix-columns.ts';
import { isWhole, totalValue } from '../../src/solvers/service.ts';
import type { Demand, Mixing, Problem } from '../../src/solvers/solver.ts';
import glpk from '../../src/solvers/strategies/glpk.ts';
import greedy from '../../src/solvers/strategies/greedy.ts';
import milp from '../../src/solvers/strategies/milp.ts';
import mixed from '../../src/solvers/strategies/mixed.ts';
import { forAll } from '../support/properties.ts';
import { maximum, type Row } from './linear-program.ts';
import { mixingProblems, simpleMixingProblems } from './mixing-problems.ts';
import { fits, type Given, givenBy } from './problems.ts';

/** Proven, not only nearly so. */
const EXACTLY = { gapFraction: 0 };

await mixed.load();
await milp.load();
await glpk.load();

/** What a plan is worth: the service of each priority, the highest first, then its value, less of which is better. */
type Worth = readonly number[];

/** One way to serve a server: what it takes of each limit, serves and is worth. */
interface Option {
  readonly takes: readonly number[];
  readonly served: number;
  readonly value: number;
}

/** Above 0: a is worth more. Service that is no farther apart than engines see counts as equal. */
function compare(a: Worth, b: Worth): number {
  return a.map((x, i) => x - b[i]).find((x) => Math.abs(x) > 2e-5) ?? 0;
}

/** Every choice of replicas of every part, and none. */
function optionsOf({ candidates, valueOfNothing, mixing }: Demand, limits: number): Option[] {
  const nothing = { takes: new Array(limits).fill(0), served: 0, value: valueOfNothing };
  if (!mixing) {
    const alone = candidates.flatMap(({ uses, replicas: most, requiredReplicas, value, valuePerReplica }) =>
      Array.from({ length: most }, (_, i) => ({
        takes: nothing.takes.map(
          (_, limit) => (i + 1) * (uses.find((use) => use.limit === limit)?.perReplica ?? 0),
        ),
        served: Math.min(1, (i + 1) / requiredReplicas),
        value: value - (most - i - 1) * valuePerReplica,
      })),
    );
    return [nothing, ...alone];
  }
  const { parts, maxReplicas } = mixing;
  const options: Option[] = [];
  const descend = (held: readonly number[]): void => {
    if (held.length < parts.length) {
      for (let r = 0; r <= parts[held.length].requiredReplicas; r++) descend([...held, r]);
      return;
    }
    const all = held.reduce((sum, r) => sum + r, 0);
    if (all === 0 || all > maxReplicas) return;
    const variants = parts.filter((_, i) => held[i] > 0).map(({ variant }) => variant);
    if (new Set(variants).size < variants.length) return;
    options.push({
      takes: nothing.takes.map((_, limit) =>
        held.reduce(
          (sum, r, i) => sum + r * (parts[i].uses.find((use) => use.limit === limit)?.perReplica ?? 0),
          0,
        ),
      ),
      served: carriesAll(mixing, held) ? 1 : Math.min(1 - 1e-4, servedInPart(mixing, held)),
      value: held.reduce(
        (sum, r, i) => sum + r * parts[i].valuePerReplica + (r > 0 ? parts[i].valueOfKeeping : 0),
        valueOfNothing,
      ),
    });
  };
  descend([]);
  return [nothing, ...options];
}

/** Whether so many replicas of each part carry all, whichever of them are the spare ones. */
function carriesAll(mixing: Mixing, held: readonly number[]): boolean {
  const { parts, sizes, minReplicas, spareReplicas } = mixing;
  if (held.reduce((sum, r) => sum + r, 0) < minReplicas + spareReplicas) return false;
  if (spareReplicas > 0) {
    return held.some(
      (r, i) =>
        r > 0 &&
        carriesAll(
          { ...mixing, minReplicas, spareReplicas: spareReplicas - 1 },
          held.map((other, j) => (j === i ? other - 1 : other)),
        ),
    );
  }
  if (sizes.length === 1) {
    return parts[0].loads[0] === 0 || held.reduce((sum, r, i) => sum + r / parts[i].loads[0], 0) >= 1 - 1e-9;
  }
  // Of all shares that fit, the most.
  const most = mostShares(
    mixing,
    held,
    () => 1,
    () => 1,
  );
  return most >= sizes.length - 1e-7;
}

function servedInPart(mixing: Mixing, held: readonly number[]): number {
  const { parts, sizes } = mixing;
  if (sizes.length === 1) return held.reduce((sum, r, i) => sum + r / parts[i].requiredReplicas, 0);
  const countedAs = (i: number) =>
    parts[i].requiredReplicas / parts[i].loads.filter(Number.isFinite).reduce((sum, load) => sum + load, 0);
  return mostShares(mixing, held, countedAs, (size) => sizes[size]);
}

/** The most of Σ weight · share, by trying all corners of what fits. */
function mostShares(
  { parts, sizes }: Mixing,
  held: readonly number[],
  countedAs: (part: number) => number,
  weight: (size: number) => number,
): number {
  const flows = parts.flatMap(({ loads }, part) =>
    sizes.flatMap((_, size) =>
      held[part] > 0 && Number.isFinite(loads[size])
        ? [{ part, size, load: loads[size] * countedAs(part) }]
        : [],
    ),
  );
  const rows: Row[] = [
    ...parts.map((_, part) => ({
      coefficients: flows.map((flow) => (flow.part === part ? flow.load : 0)),
      most: held[part],
    })),
    ...sizes.map((_, size) => ({ coefficients: flows.map((flow) => (flow.size === size ? 1 : 0)), most: 1 })),
    ...flows.map((_, i) => ({ coefficients: flows.map((_, j) => (i === j ? -1 : 0)), most: 0 })),
  ];
  return maximum(
    flows.map(({ size }) => weight(size)),
    rows,
  );
}

/** The best of all plans. */
function bruteForce({ servers, limits }: Problem): Worth {
  const priorities = [...new Set(servers.map(({ priority }) => priority))].sort((a, b) => a - b);
  const options = servers.map((demand) => optionsOf(demand, limits.length));
  let best: Worth | null = null;
  const descend = (
    server: number,
    left: readonly number[],
    served: readonly number[],
    value: number,
  ): void => {
    if (server === servers.length) {
      const worth = [...served, -value];
      if (!best || compare(worth, best) > 0) best = worth;
      return;
    }
    const priority = priorities.indexOf(servers[server].priority);
    const isAsking = servers[server].candidates.length > 0 || servers[server].mixing;
    for (const option of isAsking ? options[server] : [{ ...options[server][0], value: 0 }]) {
      if (option.takes.some((cards, limit) => cards > left[limit])) continue;
      descend(
        server + 1,
        left.map((cards, limit) => cards - option.takes[limit]),
        served.map((sum, i) => (i === priority ? sum + option.served : sum)),
        value + option.value,
      );
    }
  };
  descend(
    0,
    limits,
    priorities.map(() => 0),
    0,
  );
  return best!;
}

function worthOf({ servers }: Problem, assignments: readonly Given[]): Worth {
  const priorities = [...new Set(servers.map(({ priority }) => priority))].sort((a, b) => a - b);
  const served = priorities.map(() => 0);
  let value = 0;
  for (const [i, { priority, candidates, mixing, valueOfNothing }] of servers.entries()) {
    const given = assignments[i];
    if (!given) {
      if (candidates.length > 0 || mixing) value += valueOfNothing;
      continue;
    }
    const at = priorities.indexOf(priority);
    if (isMix(given)) {
      served[at] += given.servedFraction;
      value += valueOfNothing;
      for (const { part, replicas } of given.parts) {
        value += replicas * mixing!.parts[part].valuePerReplica + mixing!.parts[part].valueOfKeeping;
      }
    } else {
      const candidate = candidates[given.candidate];
      served[at] += Math.min(1, given.replicas / candidate.requiredReplicas);
      value += candidate.value - (candidate.replicas - given.replicas) * candidate.valuePerReplica;
    }
  }
  return [...served, -value];
}

for (const { solver, options, runs } of [
  { solver: mixed, options: { gapFraction: 0 }, runs: 400 },
  { solver: glpk, options: { mixed: true }, runs: 150 },
]) {
  test(`${solver.name} with several variants for a server is as good as trying everything`, async (t) => {
    t.setTimeout(240_000);
    forAll(
      t,
      'random problems of up to 2 servers',
      mixingProblems(2),
      (problem) => {
        const { assignments, termination } = solver.solve(problem, options);
        const [worth, best] = [worthOf(problem, assignments), bruteForce(problem)];
        return termination === 'optimal' && fits(problem, assignments) && compare(worth, best) === 0;
      },
      runs,
    );
  });
}

test('with mixes that are generated it is as good as well, and their bound is below every plan', async (t) => {
  t.setTimeout(240_000);
  let generated = 0;
  forAll(
    t,
    'random problems of up to 3 servers',
    simpleMixingProblems(3),
    (problem) => {
      const { assignments, termination } = mixed.solve(problem, EXACTLY);
      const [worth, best] = [worthOf(problem, assignments), bruteForce(problem)];
      const start = milp.solve(problem, {}).assignments;
      const columns = isWhole(problem, start) ? solveByColumns(problem, highsEngine, 5, start) : null;
      if (columns) {
        generated++;
        const value = -best[best.length - 1];
        const reached = -worthOf(problem, columns.assignments)[best.length - 1];
        if (columns.bound > value + 1e-6 || reached < value - 1e-6) return false;
      }
      return termination === 'optimal' && fits(problem, assignments) && compare(worth, best) === 0;
    },
    300,
  );
  t.ok(generated > 100, `${generated} with generated mixes`);
});

test('unless told otherwise it stops within a ten-thousandth of its bound', async (t) => {
  t.setTimeout(120_000);
  forAll(
    t,
    'random problems',
    mixingProblems(5),
    (problem) => {
      const { assignments, termination, bound } = mixed.solve(problem, {});
      const value = totalValue(problem, assignments);
      return (
        termination === 'optimal' &&
        bound !== null &&
        bound <= value &&
        value - bound <= 1e-4 * Math.max(Math.abs(value), Math.abs(bound)) + 1e-6
      );
    },
    100,
  );
});

test('mixed is never worse than one variant each, whatever the time', async (t) => {
  t.setTimeout(120_000);
  forAll(
    t,
    'random problems',
    mixingProblems(8),
    (problem) => {
      const worth = worthOf(problem, mixed.solve(problem, { timeLimitSec: 0.001 }).assignments);
      const whole = worthOf(problem, mixed.solve(problem, EXACTLY).assignments);
      return (
        compare(worth, worthOf(problem, greedy.solve(problem, {}).assignments)) >= 0 &&
        compare(whole, worthOf(problem, milp.solve(problem, {}).assignments)) >= 0
      );
    },
    60,
  );
});

test('a plan in full has a bound whatever the time, and the best plan is not below it', async (t) => {
  t.setTimeout(120_000);
  let late = 0;
  forAll(
    t,
    'random problems of up to 2 servers',
    mixingProblems(2),
    (problem) => {
      // No engine has so little time: the bound is what is known without one.
      const { assignments, bound, termination } = mixed.solve(problem, { timeLimitSec: 1e-6 });
      if (!isWhole(problem, assignments)) return true;
      if (termination === 'time-limit') late++;
      const best = bruteForce(problem);
      return (
        bound !== null && bound <= -best[best.length - 1] + 1e-6 && bound <= totalValue(problem, assignments)
      );
    },
    400,
  );
  t.ok(late > 30, `${late} out of time`);
});

test('two variants share what one would serve for more', async (t) => {
  const part = (
    variant: string,
    limit: number,
    load: number,
    valuePerReplica: number,
    candidate: number,
  ) => ({
    variant,
    uses: [{ limit, perReplica: 1 }],
    loads: [load],
    requiredReplicas: Math.ceil(load),
    valuePerReplica,
    valueOfKeeping: 0,
    candidate,
  });
  const parts = [part('large', 0, 2.2, 10, 0), part('small', 1, 9.9, 3, 1)];
  const candidates = parts.map(({ variant, uses, requiredReplicas, valuePerReplica }) => ({
    variant,
    uses,
    replicas: requiredReplicas,
    requiredReplicas,
    valuePerReplica,
    value: requiredReplicas * valuePerReplica,
  }));
  const mixing = { sizes: [1], parts, minReplicas: 1, maxReplicas: 100, spareReplicas: 0 };
  const problem = {
    servers: [{ name: 'a', priority: 1, candidates, valueOfNothing: 0, mixing }],
    limits: [10, 10],
  };
  // 2 large carry 0.909 of it, 1 small 0.101: 23 instead of 30.
  const solution = mixed.solve(problem, EXACTLY);
  t.same(givenBy(problem, solution), { a: 'large x 2 + small x 1' });
  t.equal(solution.bound, 23);
  const [given] = solution.assignments;
  t.ok(given && isMix(given) && given.servedFraction === 1);
  const shares = given && isMix(given) ? given.parts.map((one) => one.shares[0]) : [];
  t.ok(Math.abs(shares[0] - 2 / 2.2 / (2 / 2.2 + 1 / 9.9)) < 1e-12, 'in proportion to what each can carry');
});
