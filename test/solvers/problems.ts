import fc from 'fast-check';
import type { Assignment, Candidate, Demand, Problem, Solution } from '../../src/solvers/solver.ts';

/** Candidates of a hand-made problem: what differs from one card of type X a replica. */
type Wish = Partial<Candidate> & Pick<Candidate, 'replicas' | 'value'>;

/** A server that asks for some candidates, the first of which it likes best. */
export function asks(name: string, priority: number, ...wishes: Wish[]): Demand {
  const candidates = wishes.map((wish, i) => ({
    variant: `${name}-${i}`,
    cardType: 'X',
    cardsPerReplica: 1,
    ...wish,
  }));
  return { name, priority, candidates };
}

/** The servers are put in the order of their names, as a problem has them. */
export function problemOf(cards: Readonly<Record<string, number>>, ...servers: Demand[]): Problem {
  const inOrder = [...servers].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { servers: inOrder, cards: new Map(Object.entries(cards)) };
}

/** What each server is given, as `variant x replicas`; those that get nothing are absent. */
export function givenBy({ servers }: Problem, { assignments }: Solution): Record<string, string> {
  const given = servers.flatMap(({ name, candidates }, i): [string, string][] => {
    const assignment = assignments[i];
    return assignment ? [[name, `${candidates[assignment.candidate].variant} x ${assignment.replicas}`]] : [];
  });
  return Object.fromEntries(given);
}

export function isWhole({ candidates }: Demand, assignment: Assignment | null): boolean {
  return assignment !== null && assignment.replicas === candidates[assignment.candidate].replicas;
}

export function cardsUsed(
  { servers }: Problem,
  assignments: readonly (Assignment | null)[],
): Map<string, number> {
  const used = new Map<string, number>();
  assignments.forEach((assignment, i) => {
    if (!assignment) return;
    const { cardType, cardsPerReplica } = servers[i].candidates[assignment.candidate];
    if (cardType !== null)
      used.set(cardType, (used.get(cardType) ?? 0) + assignment.replicas * cardsPerReplica);
  });
  return used;
}

export function fits(problem: Problem, assignments: readonly (Assignment | null)[]): boolean {
  const used = cardsUsed(problem, assignments);
  return [...problem.cards].every(([type, cards]) => (used.get(type) ?? 0) <= cards);
}

const candidate = fc.record({
  variant: fc.constantFrom('a', 'b', 'c', 'd'),
  cardType: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('X', 'Y', 'Z') },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
  cardsPerReplica: fc.constantFrom(1, 1, 2, 4),
  replicas: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 30 })),
  value: fc.oneof(fc.integer({ min: -20, max: 60 }), fc.constantFrom(0, 1.1, 6.6)),
});

const demand = fc.record({
  priority: fc.integer({ min: 1, max: 3 }),
  candidates: fc.uniqueArray(candidate, { selector: ({ variant }) => variant, maxLength: 4 }),
});

/** Random problems: without servers, without candidates, without cards, with more than enough, with equal values. */
export const problems: fc.Arbitrary<Problem> = fc
  .record({
    demands: fc.array(demand, { maxLength: 5 }),
    cards: fc.dictionary(fc.constantFrom('X', 'Y', 'Z'), fc.oneof(fc.nat(8), fc.nat(60))),
  })
  .map(({ demands, cards }) => ({
    servers: demands.map(({ priority, candidates }, i) => ({
      name: `server-${i}`,
      priority,
      candidates: candidates.sort((a, b) => a.value - b.value || (a.variant < b.variant ? -1 : 1)),
    })),
    cards: new Map(Object.entries(cards)),
  }));
