import { replicaLimits } from '../queueing/replica-limits.ts';
import {
  DEFAULT_ITERATIONS,
  DEFAULT_PRECISION,
  DEFAULT_REQUESTS,
  MOST_REQUESTS,
  MOST_SECONDS,
  type Pool,
  type SimulatedStation,
  type SimulateRequest,
} from '../schemas/simulation.ts';
import type { StationSimulated } from '../schemas/simulation-answer.ts';
import { iterationTime } from '../simulator/iteration-time.ts';
import type { ReplicaKind } from '../simulator/replica-set.ts';
import { type Change, type Simulated, type Simulation, simulate } from '../simulator/simulator.ts';
import type { Progress } from './operation.ts';
import { simulatedOf } from './simulated-answer.ts';

/** A run without what it is a run of: how requests come, and how long. */
export type Course = Pick<
  SimulateRequest,
  'balancer' | 'arrivals' | 'lengths' | 'seed' | 'requests' | 'seconds' | 'iterations' | 'precisionFraction'
>;

/** Replicas of one kind, with their share of the load relative to the others. */
export interface SharingReplicas {
  readonly station: SimulatedStation;
  readonly replicas: number;
  readonly share: number;
}

export const DEFAULT_SEED = 1;

/** Simulates a station, or pools that share its load. The request is valid. */
export function simulateStations(request: SimulateRequest, progress?: Progress): StationSimulated {
  const { station, pools = [{ replicas: request.replicas ?? 1 } as Pool] } = request;
  const kinds = pools.map(({ station: own = station!, replicas, share = Math.max(1, replicas) }) =>
    kindOf({ station: own, replicas, share }),
  );
  const changes = (request.changes ?? [])
    .map(({ atSec, action, replicas, pool }): Change => {
      const at = pool === undefined ? 0 : pools.findIndex(({ name }) => name === pool);
      return { atMs: 1000 * atSec, action, replicas, kind: kinds[at] };
    })
    .sort((a, b) => a.atMs - b.atMs);
  const simulated = run(
    request,
    {
      replicas: pools.map(({ replicas }, i) => ({ kind: kinds[i], replicas })),
      changes,
      requestsPerSec: request.requestsPerSec ?? Number.NaN,
      means: station ?? pools[0].station!,
    },
    progress,
  );
  return simulatedOf(simulated, request.seed ?? DEFAULT_SEED, isUnlimited(kinds));
}

/**
 * Simulates replicas that are there from the start to the end.
 *
 * @param furtherQuantiles shares whose quantiles are told beside those of the curve, none of which it has
 */
export function simulateReplicas(
  course: Course,
  sharing: readonly SharingReplicas[],
  requestsPerSec: number,
  furtherQuantiles: readonly number[],
  progress?: Progress,
): StationSimulated {
  const replicas = sharing.map((pool) => ({ kind: kindOf(pool), replicas: pool.replicas }));
  const { station: means } = sharing[0];
  const setting = { replicas, changes: [], requestsPerSec, means, furtherQuantiles };
  const isUnlimitedLine = isUnlimited(replicas.map(({ kind }) => kind));
  return simulatedOf(
    run(course, setting, progress),
    course.seed ?? DEFAULT_SEED,
    isUnlimitedLine,
    furtherQuantiles,
  );
}

function run(
  course: Course,
  setting: Pick<Simulation, 'replicas' | 'changes' | 'requestsPerSec' | 'means' | 'furtherQuantiles'>,
  progress?: Progress,
): Simulated {
  const { arrivals = { kind: 'poisson' }, seconds } = course;
  const endsByItself = arrivals.kind === 'trace' || seconds !== undefined;
  return simulate(
    {
      ...setting,
      balancer: course.balancer ?? 'random',
      arrivals,
      lengths: course.lengths ?? { kind: 'exponential' },
      seed: course.seed ?? DEFAULT_SEED,
      budget: {
        requests: course.requests ?? (endsByItself ? MOST_REQUESTS : DEFAULT_REQUESTS),
        ms: 1000 * (seconds ?? MOST_SECONDS),
        iterations: course.iterations ?? DEFAULT_ITERATIONS,
      },
      precisionFraction: course.precisionFraction ?? DEFAULT_PRECISION,
    },
    progress,
  );
}

function kindOf({ station, replicas, share }: SharingReplicas): ReplicaKind {
  return {
    limits: replicaLimits(station),
    time: iterationTime(station.serviceTime),
    weight: share / Math.max(1, replicas),
  };
}

/** Whether there is a line that may grow for ever. */
function isUnlimited(kinds: readonly ReplicaKind[]): boolean {
  return kinds.some(({ limits }) => limits.maxQueueLength === Number.POSITIVE_INFINITY);
}
