import { type Engine, type EngineLimits, type EngineOutcome, IntegerProgram } from './integer-program.ts';
import { RoomLeft } from './room-left.ts';
import {
  bestOfEach,
  better,
  isWhole,
  isWithinLimits,
  prioritiesOf,
  servedBy,
  totalValue,
} from './service.ts';
import type { Assignment, Candidate, Demand, Problem, Solution } from './solver.ts';

/** How far a priority's service may lie below the best when the next is decided: what engines take for equal. */
const SERVICE_TOLERANCE = 1e-6;

/**
 * The best plan of one variant per server, by an engine. All in full at the least value, where that is possible. Else the most
 * service, priority by priority, the highest first, and among the plans that serve so much the one of least value.
 *
 * @param incumbent a plan within the limits; what is returned is never worse
 */
export function solveOneVariant(
  problem: Problem,
  engine: Engine,
  limits: EngineLimits,
  incumbent: Solution['assignments'],
): Solution {
  const best = bestOfEach(problem);
  if (best) return best;
  const isIncumbentWhole = isWhole(problem, incumbent);
  const whole = new WholeProgram(problem);
  // Where no plan is known that serves all, there may be none: half the time is for finding the best partial one.
  const share = isIncumbentWhole ? 1 : 0.5;
  const outcome: EngineOutcome = whole.isFeasible
    ? engine.solve(
        whole.program,
        { ...limits, timeLimitSec: share * limits.timeLimitSec },
        isIncumbentWhole ? whole.valuesOf(incumbent) : undefined,
      )
    : { status: 'infeasible', values: null, bound: null, seconds: 0 };
  if (outcome.status === 'infeasible' && !isIncumbentWhole) {
    return solveInPart(problem, engine, limits, incumbent, outcome.seconds);
  }
  return solutionOf(problem, outcome, outcome.values && whole.assignmentsOf(outcome.values), incumbent);
}

/** The most service for one priority after the other, each held for the next; last, the least value. */
function solveInPart(
  problem: Problem,
  engine: Engine,
  { timeLimitSec, gapFraction }: EngineLimits,
  incumbent: Solution['assignments'],
  secondsSpent: number,
): Solution {
  const part = new PartProgram(problem);
  if (part.program.columns === 0)
    return { termination: 'optimal', assignments: incumbent, bound: part.valueOfNothing };
  let left = timeLimitSec - secondsSpent;
  let held = incumbent;
  let isProven = true;
  for (const priority of prioritiesOf(problem)) {
    if (!part.maximizeService(priority)) continue;
    const outcome = engine.solve(part.program, { timeLimitSec: left, gapFraction: 0 }, part.valuesOf(held));
    if (outcome.status === 'failed') return { termination: 'fallback', assignments: held, bound: null };
    left -= outcome.seconds;
    if (outcome.values) held = better(problem, held, part.assignmentsOf(outcome.values));
    if (outcome.status !== 'optimal') isProven = false;
    if (left <= 0) return { termination: 'time-limit', assignments: held, bound: null };
    part.holdService(priority, held);
  }
  part.minimizeValue();
  const outcome = engine.solve(part.program, { timeLimitSec: left, gapFraction }, part.valuesOf(held));
  const bound = outcome.bound === null || !isProven ? null : outcome.bound + part.valueOfNothing;
  const status = isProven || outcome.status !== 'optimal' ? outcome.status : 'time-limit';
  return solutionOf(
    problem,
    { ...outcome, status, bound },
    outcome.values && part.assignmentsOf(outcome.values),
    held,
  );
}

function solutionOf(
  problem: Problem,
  { status, bound }: EngineOutcome,
  found: Solution['assignments'] | null,
  incumbent: Solution['assignments'],
): Solution {
  const isSound = found !== null && isWithinLimits(problem, found);
  if (status === 'failed' || status === 'infeasible' || (found && !isSound)) {
    return { termination: 'fallback', assignments: incumbent, bound: null };
  }
  const assignments = found ? better(problem, incumbent, found) : incumbent;
  return {
    termination: status,
    assignments,
    bound: bound && roundedBound(bound, totalValue(problem, assignments)),
  };
}

/** A bound is at most the value that was reached; less by rounding alone, it is that value. */
function roundedBound(bound: number, value: number): number {
  return bound > value - 1e-9 * Math.max(1, Math.abs(value)) ? value : bound;
}

/** x of each candidate in full: one for each server, least value. */
class WholeProgram {
  readonly program = new IntegerProgram();
  /** Every server that has candidates has one that fits the limits alone. */
  readonly isFeasible: boolean;
  readonly #problem: Problem;
  readonly #columns: { readonly server: number; readonly candidate: number }[] = [];

  constructor(problem: Problem) {
    this.#problem = problem;
    const room = new RoomLeft(problem);
    const perLimit = problem.limits.map(() => ({ columns: [] as number[], cards: [] as number[] }));
    let isFeasible = true;
    for (const [server, demand] of problem.servers.entries()) {
      if (demand.candidates.length === 0) continue;
      const choices = choicesOf(demand, room);
      const columns = choices.map((candidate) => {
        const { uses, replicas, value } = demand.candidates[candidate];
        const column = this.program.addColumn(1, value);
        this.#columns.push({ server, candidate });
        for (const { limit, perReplica } of uses) {
          perLimit[limit].columns.push(column);
          perLimit[limit].cards.push(perReplica * replicas);
        }
        return column;
      });
      if (columns.length === 0) isFeasible = false;
      this.program.addRow(
        1,
        1,
        columns,
        columns.map(() => 1),
      );
    }
    for (const [limit, { columns, cards }] of perLimit.entries()) {
      if (columns.length > 0) this.program.addRow(-Infinity, problem.limits[limit], columns, cards);
    }
    this.isFeasible = isFeasible;
  }

  assignmentsOf(values: Float64Array): Solution['assignments'] {
    const assignments: (Assignment | null)[] = this.#problem.servers.map(() => null);
    for (const [column, { server, candidate }] of this.#columns.entries()) {
      if (values[column] < 1) continue;
      assignments[server] = {
        candidate,
        replicas: this.#problem.servers[server].candidates[candidate].replicas,
      };
    }
    return assignments;
  }

  valuesOf(assignments: Solution['assignments']): Float64Array {
    return Float64Array.from(this.#columns, ({ server, candidate }) =>
      assignments[server]?.candidate === candidate ? 1 : 0,
    );
  }
}

/** Candidates that serve as much as any, fit alone, and have none beside them that costs no more and takes no more of any limit. */
function choicesOf({ candidates }: Demand, room: RoomLeft): number[] {
  const most = servedBy(candidates[0], candidates[0].replicas);
  const kept: number[] = [];
  for (let i = 0; i < candidates.length; i++) {
    const candidate = candidates[i];
    if (servedBy(candidate, candidate.replicas) < most) break;
    if (room.replicasOf(candidate) < candidate.replicas) continue;
    // They are in the order of their values: only an earlier one can be no dearer.
    if (!kept.some((earlier) => takesNoMore(candidates[earlier], candidate))) kept.push(i);
  }
  return kept;
}

function takesNoMore(a: Candidate, b: Candidate): boolean {
  return a.uses.every(({ limit, perReplica }) => {
    const other = b.uses.find((use) => use.limit === limit);
    return other !== undefined && a.replicas * perReplica <= b.replicas * other.perReplica;
  });
}

/** For each candidate x, whether it is chosen, and r, its replicas: x ≤ r ≤ most · x, at most one for each server. */
class PartProgram {
  readonly program = new IntegerProgram();
  /** What the objective leaves out: the value of giving nothing to anybody. */
  readonly valueOfNothing: number;
  readonly #problem: Problem;
  readonly #columns: { readonly server: number; readonly candidate: number; readonly chosen: number }[] = [];

  constructor(problem: Problem) {
    this.#problem = problem;
    this.valueOfNothing = totalValue(
      problem,
      problem.servers.map(() => null),
    );
    const room = new RoomLeft(problem);
    const perLimit = problem.limits.map(() => ({ columns: [] as number[], cards: [] as number[] }));
    for (const [server, { candidates }] of problem.servers.entries()) {
      const chosenOfServer: number[] = [];
      for (const [candidate, { uses, replicas }] of candidates.entries()) {
        const most = Math.min(replicas, room.replicasOf(candidates[candidate]));
        if (most < 1) continue;
        const chosen = this.program.addColumn(1, 0);
        const given = this.program.addColumn(most, 0);
        this.#columns.push({ server, candidate, chosen });
        chosenOfServer.push(chosen);
        this.program.addRow(-Infinity, 0, [given, chosen], [1, -most]);
        this.program.addRow(0, Infinity, [given, chosen], [1, -1]);
        for (const { limit, perReplica } of uses) {
          perLimit[limit].columns.push(given);
          perLimit[limit].cards.push(perReplica);
        }
      }
      if (chosenOfServer.length > 1) {
        this.program.addRow(
          -Infinity,
          1,
          chosenOfServer,
          chosenOfServer.map(() => 1),
        );
      }
    }
    for (const [limit, { columns, cards }] of perLimit.entries()) {
      if (columns.length > 0) this.program.addRow(-Infinity, problem.limits[limit], columns, cards);
    }
  }

  /** @returns whether anything can be given to servers of this priority */
  maximizeService(priority: number): boolean {
    const shares = this.#sharesOf(priority);
    this.program.costs.fill(0);
    for (const { chosen, share } of shares) this.program.costs[chosen + 1] = -share;
    return shares.length > 0;
  }

  holdService(priority: number, held: Solution['assignments']): void {
    const shares = this.#sharesOf(priority);
    const values = this.valuesOf(held);
    const least = shares.reduce((sum, { chosen, share }) => sum + share * values[chosen + 1], 0);
    this.program.addRow(
      least - SERVICE_TOLERANCE,
      Infinity,
      shares.map(({ chosen }) => chosen + 1),
      shares.map(({ share }) => share),
    );
  }

  minimizeValue(): void {
    this.program.costs.fill(0);
    for (const { server, candidate, chosen } of this.#columns) {
      const { candidates, valueOfNothing } = this.#problem.servers[server];
      const { value, valuePerReplica, replicas } = candidates[candidate];
      this.program.costs[chosen] = value - valuePerReplica * replicas - valueOfNothing;
      this.program.costs[chosen + 1] = valuePerReplica;
    }
  }

  assignmentsOf(values: Float64Array): Solution['assignments'] {
    const assignments: (Assignment | null)[] = this.#problem.servers.map(() => null);
    for (const { server, candidate, chosen } of this.#columns) {
      if (values[chosen + 1] >= 1) assignments[server] = { candidate, replicas: values[chosen + 1] };
    }
    return assignments;
  }

  valuesOf(assignments: Solution['assignments']): Float64Array {
    const values = new Float64Array(this.program.columns);
    for (const { server, candidate, chosen } of this.#columns) {
      const assignment = assignments[server];
      if (assignment?.candidate !== candidate) continue;
      values[chosen] = 1;
      values[chosen + 1] = assignment.replicas;
    }
    return values;
  }

  /** What each replica of a candidate adds to the service of a priority. */
  #sharesOf(priority: number): { chosen: number; share: number }[] {
    return this.#columns
      .filter(({ server }) => this.#problem.servers[server].priority === priority)
      .map(({ server, candidate, chosen }) => ({
        chosen,
        share: 1 / this.#problem.servers[server].candidates[candidate].requiredReplicas,
      }));
  }
}
