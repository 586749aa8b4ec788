import type { ServiceTime } from '../../src/schemas/model.ts';
import { iterationTime } from '../../src/simulator/iteration-time.ts';
import type { ReplicaLimits } from '../../src/simulator/replica.ts';
import type { ReplicaKind } from '../../src/simulator/replica-set.ts';
import type { Simulation } from '../../src/simulator/simulator.ts';
import { UNLIMITED } from './driven-replica.ts';

/** Iterations of a millisecond, whatever is in them. */
export const MILLISECOND: ServiceTime = { alphaMs: 1, betaMsPerToken: 0, gammaMsPerToken2: 0 };

export function replicaKind(
  limits: Partial<ReplicaLimits>,
  serviceTime: ServiceTime = MILLISECOND,
  weight = 1,
): ReplicaKind {
  return {
    limits: { ...UNLIMITED, maxBatchTokens: 8192, ...limits },
    time: iterationTime(serviceTime),
    weight,
  };
}

/** One replica under Poisson arrivals of requests without a prompt and with geometric outputs, unless said otherwise. */
export function simulationOf(
  kind: ReplicaKind,
  given: Partial<Simulation> & Pick<Simulation, 'requestsPerSec'>,
): Simulation {
  return {
    replicas: [{ kind, replicas: 1 }],
    changes: [],
    balancer: 'random',
    arrivals: { kind: 'poisson' },
    lengths: { input: { kind: 'constant' }, output: { kind: 'exponential' } },
    means: { inputTokens: 0, outputTokens: 10 },
    seed: 1,
    budget: { requests: 10_000, ms: Number.POSITIVE_INFINITY },
    precisionFraction: 0,
    ...given,
  };
}
