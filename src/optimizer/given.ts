import { isMix } from '../solvers/mix.ts';
import type { Mixing, Part, Solution } from '../solvers/solver.ts';
import { minReplicasOf, type ServerCandidate, type ServerDemand, type Serving } from './candidates.ts';
import { compareText } from './catalog.ts';
import { valueOfKeeping } from './transition.ts';

/** What a solver gave to a server. */
export interface Given {
  /** At least one, in the order of their names. */
  readonly parts: readonly GivenPart[];
  readonly servedFraction: number;
}

/** Replicas of one variant, with their share of the load. */
export interface GivenPart {
  readonly serving: Serving;
  readonly replicas: number;
  readonly loadFraction: number;
}

/** What a server was given of one variant alone. */
export interface GivenAlone {
  readonly candidate: ServerCandidate;
  readonly replicas: number;
}

/** How several variants may serve a server together; undefined: that would not serve it better. */
export function mixingOf({ resolved, running, plannedRate, candidates }: ServerDemand): Mixing | undefined {
  const { maxReplicas = Number.POSITIVE_INFINITY, spareReplicas = 0 } = resolved.server;
  const [best] = candidates;
  // Where the limits of the server leave no variant enough replicas, a mix has no more of them.
  if (candidates.length < 2 || best.replicas < best.requiredReplicas) return undefined;
  // Priced though nothing runs: what is saved by stopping it does not add up by variants.
  if (running.some(({ replicas, costPerHour }) => replicas === 0 && costPerHour > 0)) return undefined;
  return {
    sizes: [1],
    parts: candidates.map(
      (candidate, index): Part => ({
        variant: candidate.variant,
        uses: candidate.uses,
        loads: [candidate.ratePerReplica === null ? 0 : plannedRate! / candidate.ratePerReplica],
        requiredReplicas: candidate.requiredReplicas,
        valuePerReplica: candidate.valuePerReplica,
        valueOfKeeping: valueOfKeeping(running, candidate.profile),
        candidate: index,
      }),
    ),
    minReplicas: minReplicasOf(resolved),
    maxReplicas,
    spareReplicas,
  };
}

export function givenOf(
  { candidates }: ServerDemand,
  assignment: Solution['assignments'][number],
): Given | null {
  if (!assignment) return null;
  if (!isMix(assignment)) {
    const serving = candidates[assignment.candidate];
    const { replicas } = assignment;
    const servedFraction = Math.min(1, replicas / serving.requiredReplicas);
    return { parts: [{ serving, replicas, loadFraction: 1 }], servedFraction };
  }
  const parts = assignment.parts
    .map(({ part, replicas, shares }) => ({ serving: candidates[part], replicas, loadFraction: shares[0] }))
    .sort((a, b) => compareText(a.serving.profile.name, b.serving.profile.name));
  return { parts, servedFraction: assignment.servedFraction };
}

/** What was given where it is one variant; null: several. */
export function aloneOf({ candidates }: ServerDemand, { parts }: Given): GivenAlone | null {
  const [{ serving, replicas }] = parts;
  const candidate = parts.length === 1 ? candidates.find((one) => one === serving) : undefined;
  return candidate ? { candidate, replicas } : null;
}
