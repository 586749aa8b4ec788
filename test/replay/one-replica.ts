import type { PolicyKind, Wish } from '../../src/replay/policy.ts';
import { replay } from '../../src/replay/replay.ts';
import { DEFAULT_SETTINGS } from '../../src/replay/settings.ts';
import { Workload } from '../../src/replay/workload.ts';
import type { OptimizeRequest } from '../../src/schemas/plan.ts';

/** A fleet of one server whose iterations take 10 ms whatever is in them, so that all can be told by hand. */
export const FLEET: OptimizeRequest = {
  accelerators: [
    { name: 'a', type: 'A', cards: 2, costPerHour: 6 },
    { name: 'b', type: 'B', costPerHour: 4 },
  ],
  models: [
    {
      name: 'm',
      profiles: [
        {
          accelerator: 'a',
          startupSec: 30,
          serviceTime: { alphaMs: 10, betaMsPerToken: 0, gammaMsPerToken2: 0 },
        },
        {
          accelerator: 'b',
          startupSec: 90,
          serviceTime: { alphaMs: 10, betaMsPerToken: 0, gammaMsPerToken2: 0 },
        },
      ],
    },
  ],
  serviceClasses: [{ name: 'c', priority: 1, targets: [{ model: 'm', ttftMs: 25, itlMs: 10 }] }],
  servers: [
    {
      name: 's',
      serviceClass: 'c',
      model: 'm',
      load: { requestsPerSec: 1, inputTokens: 1, outputTokens: 2 },
      maxBatchSize: 1,
      maxQueueLength: 1,
    },
  ],
};

export interface Row {
  readonly atMs: number;
  readonly outputTokens: number;
}

/** A policy that begins with one thing and wishes others at the seconds given. */
export function scripted(begin: Wish, wishes: Readonly<Record<number, Wish>>): PolicyKind {
  return {
    name: 'scripted',
    summary: 'as told',
    create: () => ({
      periodSec: 1,
      begin: [begin],
      decide: (nowMs) => (wishes[nowMs / 1000] ? [wishes[nowMs / 1000]] : null),
    }),
  };
}

export const of = (variant: string, replicas: number): Wish => [{ variant, maxBatchSize: 1, replicas }];

/** One run of a policy over requests of one prompt token. */
export function ran(
  rows: readonly Row[],
  endSec: number,
  policy: PolicyKind,
  capacity?: Readonly<Record<string, number>>,
) {
  const workload = new Workload(rows.map((row) => ({ ...row, inputTokens: 1, classIndex: 0 })));
  const settings = { ...DEFAULT_SETTINGS, periodSec: 10 };
  const rest = { settings, modelFactors: [1], seed: 1, policies: [policy] };
  const nothing = (): never => {
    throw new Error('nothing is planned, and nothing tuned');
  };
  const fleet = { ...FLEET, ...(capacity && { capacity }) };
  return replay(
    { fleet, workloads: [workload], endMs: 1000 * endSec, ...rest },
    { optimize: nothing, tune: nothing, nowMs: () => 0 },
  ).runs[0];
}
