import fc from 'fast-check';
import type { Candidate, Demand, Mixing, Part, Problem } from '../../src/solvers/solver.ts';

/** A variant before it is known what the server needs of it. */
const variant = fc.record({
  type: fc.nat(1),
  perReplica: fc.constantFrom(1, 1, 2),
  quota: fc.constantFrom(false, false, true),
  loads: fc.tuple(load(), load()),
  valuePerReplica: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(1.1, 4.4)),
  valueOfKeeping: fc.constantFrom(0, 0, -1, -3),
});

/** Whole numbers of replicas as well, where rounding decides; now and then a size that it cannot serve. */
function load() {
  return fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 2, max: 40 }).map((tenths) => tenths / 10) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 4 }) },
    { weight: 1, arbitrary: fc.constant(Number.POSITIVE_INFINITY) },
  );
}

const server = fc.record({
  priority: fc.integer({ min: 1, max: 2 }),
  variants: fc.array(variant, { minLength: 1, maxLength: 3 }),
  firstShare: fc.constantFrom(1, 1, 0.5, 0.25),
  /** Less than 1: requests of a further size nobody can serve. */
  servableShare: fc.constantFrom(1, 1, 1, 1, 0.75, 0.3),
  isIdle: fc.constantFrom(false, false, false, false, true),
  minReplicas: fc.constantFrom(1, 1, 1, 2, 3),
  spareReplicas: fc.constantFrom(0, 0, 0, 1),
  maxReplicas: fc.constantFrom(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 3, 5),
  valueOfNothing: fc.constantFrom(0, 0, -7),
  isTwice: fc.constantFrom(false, false, true),
  /** Replicas that run, as shares of those that each part needs; what exactly these are worth more than one by one. */
  running: fc.array(fc.constantFrom(0, 0.5, 0.5, 1), { minLength: 3, maxLength: 3 }),
  difference: fc.constantFrom(0, 0, 0, -6, -2.5, -0.5, 0.5, 2.5, 20),
});
type Drawn = typeof server extends fc.Arbitrary<infer T> ? T : never;

/** Two types of cards, and a quota that spans them. */
const cards = fc.oneof(fc.nat(4), fc.nat(9), fc.constant(1_000));

/** Random problems of servers that several variants may serve together: one request size or two, least, most and spare replicas. */
export function mixingProblems(servers: number): fc.Arbitrary<Problem> {
  return problemsWith(server, servers);
}

/** The same without what a search for one server alone does not know: sizes, least, most and spare replicas. */
export function simpleMixingProblems(servers: number): fc.Arbitrary<Problem> {
  const simple = {
    firstShare: 1,
    isIdle: false,
    minReplicas: 1,
    spareReplicas: 0,
    maxReplicas: Infinity,
    isTwice: false,
  } as const;
  return problemsWith(
    server.map((drawn) => ({ ...drawn, ...simple })),
    servers,
  );
}

function problemsWith(drawn: fc.Arbitrary<Drawn>, servers: number): fc.Arbitrary<Problem> {
  return fc
    .record({
      all: fc.array(drawn, { minLength: 1, maxLength: servers }),
      limits: fc.tuple(cards, cards, cards),
    })
    .map(({ all, limits }) => ({ servers: all.map(demandOf), limits }));
}

function demandOf(drawn: Drawn, index: number): Demand {
  const { priority, minReplicas, spareReplicas, maxReplicas, valueOfNothing, firstShare, isIdle } = drawn;
  const sizes = firstShare === 1 || isIdle ? [1] : [firstShare, 1 - firstShare];
  const servableShare = isIdle ? 1 : drawn.servableShare;
  // Trying everything takes too long with three variants and two sizes.
  const servable = drawn.variants
    .slice(0, sizes.length === 1 ? 3 : 2)
    .filter(({ loads }) => sizes.some((_, size) => Number.isFinite(loads[size])));
  const parts = servable.map((one, i): Omit<Part, 'candidate'> => {
    const loads = sizes.map((_, size) => (isIdle ? 0 : one.loads[size]));
    const servableLoad = loads.reduce((sum, load) => (Number.isFinite(load) ? sum + load : sum), 0);
    return {
      // Now and then the same variant twice, which differ in their batch limit: they exclude each other.
      variant: drawn.isTwice && i < 2 ? 'twice' : `variant-${i}`,
      uses: [
        { limit: one.type, perReplica: one.perReplica },
        ...(one.quota ? [{ limit: 2, perReplica: one.perReplica }] : []),
      ],
      loads,
      requiredReplicas: Math.max(minReplicas, Math.ceil(servableLoad)) + spareReplicas,
      valuePerReplica: one.valuePerReplica,
      valueOfKeeping: one.valueOfKeeping,
    };
  });
  const running = parts.map((part, i) => Math.round(drawn.running[i] * part.requiredReplicas));
  const { difference } = drawn;
  const staying = difference !== 0 &&
    running.some((replicas) => replicas > 0) && { replicas: running, difference };
  const candidates = parts
    .flatMap((part, index): (Candidate & { part: number })[] => {
      const { variant, uses, requiredReplicas, valuePerReplica, valueOfKeeping } = part;
      const replicas = Math.min(requiredReplicas, maxReplicas);
      const inPart = valueOfNothing + replicas * valuePerReplica + valueOfKeeping;
      const held = running[index];
      const runsAlone = staying && running.every((other, i) => other === (i === index ? held : 0));
      const value = runsAlone && held === replicas ? inPart + difference : inPart;
      const isPricedOtherwise = runsAlone && held > 0 && held <= replicas;
      const own = isPricedOtherwise && { staying: { replicas: held, difference } };
      const priced = { value, valuePerReplica, ...own };
      return servableShare === 1 && part.loads.every(Number.isFinite)
        ? [{ variant, uses, replicas, requiredReplicas, ...priced, part: index }]
        : [];
    })
    .sort(
      (a, b) =>
        b.replicas / b.requiredReplicas - a.replicas / a.requiredReplicas ||
        a.value - b.value ||
        a.part - b.part,
    );
  const isServable = sizes.every((_, size) => parts.some(({ loads }) => Number.isFinite(loads[size])));
  const isCut =
    sizes.length === 1 && candidates.some(({ replicas, requiredReplicas }) => replicas < requiredReplicas);
  const mixing: Mixing | undefined =
    isServable && !isCut
      ? {
          sizes,
          servableShare,
          parts: parts.map((part, index) => {
            const candidate = candidates.findIndex((candidate) => candidate.part === index);
            return { ...part, candidate: candidate < 0 ? null : candidate };
          }),
          minReplicas,
          maxReplicas,
          spareReplicas,
          ...(staying && { staying }),
        }
      : undefined;
  return { name: `server-${index}`, priority, candidates, valueOfNothing, mixing };
}
