import { Ajv } from 'ajv';
import type { Test } from 'tap';
import { TERMINATIONS } from '../../src/schemas/plan.ts';
import { isMix } from '../../src/solvers/mix.ts';
import { isWithinLimits } from '../../src/solvers/service.ts';
import type { Assignment, Candidate, Problem, Solver } from '../../src/solvers/solver.ts';
import { forAll } from '../support/properties.ts';
import { mixingProblems } from './mixing-problems.ts';
import { optionSets } from './options.ts';
import { fits, type Given, isWhole, problems } from './problems.ts';

const SLACK = 1e-9;

/** What every solver must keep under all its options: ours, and any of a user's. */
export async function conforms(t: Test, solver: Solver) {
  await solver.load?.();
  const isValid = new Ajv({ strict: false }).compile(solver.options);
  t.ok(isValid({}), 'every option has a default');
  t.notOk(isValid({ 'no such option': 1 }), 'an option that it does not know is refused');
  for (const options of optionSets(solver.options)) {
    t.ok(isValid(options), `${JSON.stringify(options)} is valid`);
    keepsTheContract(t, solver, options);
  }
}

function keepsTheContract(t: Test, solver: Solver, options: Record<string, unknown>) {
  const solve = (problem: Problem) => solver.solve(problem, options);
  const heedsCards = !solver.ignoresLimits;
  const set = JSON.stringify(options);
  const always = (claim: string, holds: (problem: Problem) => boolean) =>
    forAll(t, `${set}: ${claim}`, problems, holds, 100);

  t.same(solve({ servers: [], limits: [3] }).assignments, [], `${set}: no servers`);

  always('assignments are in range, one for each server', (problem) => {
    const { assignments, termination } = solve(problem);
    return (
      TERMINATIONS.includes(termination) &&
      assignments.length === problem.servers.length &&
      problem.servers.every(({ candidates }, i) => isInRange(candidates, assignments[i]))
    );
  });

  if (heedsCards)
    always('no more cards are given than there are', (problem) => fits(problem, solve(problem).assignments));

  forAll(
    t,
    `${set}: where several variants may serve a server, what it is given keeps its limits and carries its load`,
    mixingProblems(4),
    (problem) => {
      const { assignments } = solve(problem);
      const room = heedsCards ? problem : { ...problem, limits: problem.limits.map(() => 1e9) };
      return assignments.length === problem.servers.length && isWithinLimits(room, assignments);
    },
    60,
  );

  always('the same problem has the same solution, and is left as it was', (problem) => {
    const before = shown(problem);
    const first = JSON.stringify(solve(problem));
    return first === JSON.stringify(solve(structuredClone(problem))) && shown(problem) === before;
  });

  always('with cards enough for every choice all that have a candidate are served whole', (problem) => {
    const { assignments } = solve({ ...problem, limits: problem.limits.map(() => 10_000) });
    return problem.servers.every(
      (demand, i) => demand.candidates.length === 0 || isWhole(demand, assignments[i]),
    );
  });

  always('a bound is below every plan that serves all, and what is called optimal is the best', (problem) => {
    const { assignments, bound, termination } = solve(problem);
    const best = bestOf(problem, heedsCards);
    if (bound !== null && bound > best + SLACK * Math.abs(best)) return false;
    if (termination !== 'optimal' || best === Number.POSITIVE_INFINITY) return true;
    const value = assignments.reduce((sum, assignment, i) => {
      const isAny = assignment !== null && !isMix(assignment);
      return sum + (isAny ? problem.servers[i].candidates[assignment.candidate].value : 0);
    }, 0);
    return value <= best + SLACK * Math.abs(best);
  });
}

function isInRange(candidates: Problem['servers'][number]['candidates'], assignment: Given): boolean {
  if (assignment === null) return true;
  // These problems say nothing of mixing.
  if (isMix(assignment)) return false;
  const replicas = candidates[assignment.candidate]?.replicas ?? 0;
  return Number.isInteger(assignment.replicas) && assignment.replicas >= 1 && assignment.replicas <= replicas;
}

const servedInFull = ({ replicas, requiredReplicas }: Candidate) => replicas / requiredReplicas;

/** The least value of all plans that serve every server with a candidate as far as it can be; Infinity: there is none. */
function bestOf(problem: Problem, heedsCards: boolean): number {
  let best = Number.POSITIVE_INFINITY;
  const chosen: (Assignment | null)[] = [];
  const descend = (server: number, value: number): void => {
    if (server === problem.servers.length) {
      if (value < best && (!heedsCards || fits(problem, chosen))) best = value;
      return;
    }
    const { candidates } = problem.servers[server];
    if (candidates.length === 0) {
      chosen[server] = null;
      descend(server + 1, value);
    }
    candidates.forEach((candidate, index) => {
      if (servedInFull(candidate) < servedInFull(candidates[0])) return;
      chosen[server] = { candidate: index, replicas: candidate.replicas };
      descend(server + 1, value + candidate.value);
    });
  };
  descend(0, 0);
  return best;
}

function shown(problem: Problem): string {
  return JSON.stringify(problem);
}
