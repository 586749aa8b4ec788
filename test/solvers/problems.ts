import fc from 'fast-check';
import { isMix } from '../../src/solvers/mix.ts';
import type { Candidate, Demand, Problem, Solution } from '../../src/solvers/solver.ts';

export type Given = Solution['assignments'][number];

/** Candidates of a hand-made problem: what differs from one card of type X a replica; no type: nothing scarce. */
interface Wish {
  readonly replicas: number;
  readonly value: number;
  readonly cardType?: string | null;
  readonly cardsPerReplica?: number;
  readonly requiredReplicas?: number;
  readonly valuePerReplica?: number;
}

interface Asking {
  readonly name: string;
  readonly priority: number;
  readonly wishes: readonly Wish[];
}

/** A server that asks for some candidates, the first of which it likes best. */
export function asks(name: string, priority: number, ...wishes: Wish[]): Asking {
  return { name, priority, wishes };
}

/** The servers are put in the order of their names, as a problem has them. */
export function problemOf(cards: Readonly<Record<string, number>>, ...servers: Asking[]): Problem {
  const types = Object.keys(cards);
  const inOrder = [...servers].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    servers: inOrder.map(({ name, priority, wishes }) => ({
      name,
      priority,
      candidates: wishes.map((wish, i) => candidateOf(wish, `${name}-${i}`, types)),
      valueOfNothing: 0,
    })),
    limits: Object.values(cards),
  };
}

function candidateOf(wish: Wish, variant: string, types: readonly string[]): Candidate {
  const { replicas, value, cardType = 'X', cardsPerReplica = 1 } = wish;
  const limit = cardType === null ? -1 : types.indexOf(cardType);
  return {
    variant,
    uses: limit < 0 ? [] : [{ limit, perReplica: cardsPerReplica }],
    replicas,
    requiredReplicas: wish.requiredReplicas ?? replicas,
    value,
    valuePerReplica: wish.valuePerReplica ?? value / replicas,
  };
}

/** What each server is given, as `variant x replicas`; those that get nothing are absent. */
export function givenBy(
  { servers }: Problem,
  { assignments }: Pick<Solution, 'assignments'>,
): Record<string, string> {
  const given = servers.flatMap(({ name, candidates, mixing }, i): [string, string][] => {
    const assignment = assignments[i];
    if (!assignment) return [];
    const parts = isMix(assignment)
      ? assignment.parts.map(({ part, replicas }) => `${mixing!.parts[part].variant} x ${replicas}`)
      : [`${candidates[assignment.candidate].variant} x ${assignment.replicas}`];
    return [[name, parts.join(' + ')]];
  });
  return Object.fromEntries(given);
}

export function isWhole({ candidates }: Demand, assignment: Given): boolean {
  if (assignment === null) return false;
  return isMix(assignment)
    ? assignment.servedFraction === 1
    : assignment.replicas === candidates[assignment.candidate].replicas;
}

/** What is used of each limit. */
export function usedOf({ servers, limits }: Problem, assignments: readonly Given[]): number[] {
  const used = limits.map(() => 0);
  assignments.forEach((assignment, i) => {
    for (const { uses, replicas } of heldOf(servers[i], assignment)) {
      for (const { limit, perReplica } of uses) used[limit] += replicas * perReplica;
    }
  });
  return used;
}

/** What a server holds: of each variant its uses and replicas. */
function heldOf({ candidates, mixing }: Demand, given: Given) {
  if (!given) return [];
  return isMix(given)
    ? given.parts.map(({ part, replicas }) => ({ uses: mixing!.parts[part].uses, replicas }))
    : [{ uses: candidates[given.candidate].uses, replicas: given.replicas }];
}

/** What so many replicas of a candidate are worth: all of them its value, fewer less in proportion, but for those that run. */
export function valueAlone({ replicas, value, valuePerReplica, staying }: Candidate, given: number): number {
  if (given === replicas) return value;
  const inFull = staying?.replicas === replicas ? staying.difference : 0;
  const asItRuns = staying?.replicas === given ? staying.difference : 0;
  return value - inFull - (replicas - given) * valuePerReplica + asItRuns;
}

export function fits(problem: Problem, assignments: readonly Given[]): boolean {
  const used = usedOf(problem, assignments);
  return problem.limits.every((most, limit) => used[limit] <= most);
}

/** Cards of one type a replica, and for some a quota on top. */
const uses = fc.record({
  type: fc.nat(2),
  perReplica: fc.constantFrom(1, 1, 2, 4),
  scarce: fc.constantFrom(true, true, true, true, true, false),
  quota: fc.constantFrom(false, false, true),
});

const candidate = fc
  .record({
    variant: fc.constantFrom('a', 'b', 'c', 'd'),
    uses,
    replicas: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 30 })),
    missing: fc.constantFrom(0, 0, 0, 0, 1, 5),
    value: fc.oneof(fc.integer({ min: -20, max: 60 }), fc.constantFrom(0, 1.1, 6.6)),
    valuePerReplica: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(1.1, 6.6)),
    /** Replicas that run, as a share of all, priced otherwise than one by one. */
    running: fc.constantFrom(null, null, null, null, 0.4, 1),
    difference: fc.constantFrom(-30, -4, 2.5, 25),
  })
  .map(({ uses: { type, perReplica, scarce, quota }, missing, running, difference, ...rest }): Candidate => {
    const ofType = scarce ? [{ limit: type, perReplica }] : [];
    return {
      ...rest,
      uses: quota ? [...ofType, { limit: QUOTA, perReplica }] : ofType,
      requiredReplicas: rest.replicas + missing,
      ...(running !== null && { staying: { replicas: Math.ceil(running * rest.replicas), difference } }),
    };
  });
/** Three types of cards, and a quota that spans them. */
const QUOTA = 3;

const demand = fc.record({
  priority: fc.integer({ min: 1, max: 3 }),
  candidates: fc.uniqueArray(candidate, { selector: ({ variant }) => variant, maxLength: 4 }),
  valueOfNothing: fc.constantFrom(0, 0, -7, -20),
});

const cards = fc.oneof(fc.nat(8), fc.nat(60), fc.constant(10_000));

/** Random problems: without servers, without candidates, without cards, with more than enough, with equal values. */
export const problems: fc.Arbitrary<Problem> = problemsOf(5);

/** Random problems of so many servers at most. */
export function problemsOf(servers: number): fc.Arbitrary<Problem> {
  return fc
    .record({
      demands: fc.array(demand, { maxLength: servers }),
      limits: fc.tuple(cards, cards, cards, cards),
    })
    .map(({ demands, limits }) => ({
      servers: demands.map(({ priority, candidates, valueOfNothing }, i) => ({
        name: `server-${i}`,
        priority,
        candidates: candidates.sort(byPreference),
        valueOfNothing,
      })),
      limits,
    }));
}

function byPreference(a: Candidate, b: Candidate): number {
  const served = ({ replicas, requiredReplicas }: Candidate) => replicas / requiredReplicas;
  return served(b) - served(a) || a.value - b.value || (a.variant < b.variant ? -1 : 1);
}
