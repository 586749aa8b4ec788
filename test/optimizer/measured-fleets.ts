import { optimize } from '../../src/optimizer/optimize.ts';
import measured from '../../src/queueing/models/measured.ts';
import type { Fleet, RequestSize, Server } from '../../src/schemas/fleet.ts';
import type { MeasuredRate } from '../../src/schemas/model.ts';
import type { Plan } from '../../src/schemas/plan.ts';
import type { Solver } from '../../src/solvers/solver.ts';
import mixed from '../../src/solvers/strategies/mixed.ts';

// One server whose variants have measured rates of two request sizes.

export const SHORT = { inputTokens: 100, outputTokens: 100 };
export const LONG = { inputTokens: 1_000, outputTokens: 500 };

/** `small` serves short requests for little, `large` serves both; rates of short, long (0: not at all). */
export const RATES = { small: [10, 0], large: [20, 8] } as const;

export function fleetOf(
  server: Partial<Server>,
  rates: Readonly<Record<string, readonly number[]>> = RATES,
): Fleet {
  const throughput = ([short, long]: readonly number[]): MeasuredRate[] => [
    { ...SHORT, requestsPerSec: short },
    { ...LONG, requestsPerSec: long },
  ];
  return {
    accelerators: [
      { name: 'small', type: 'S', costPerHour: 1 },
      { name: 'large', type: 'L', costPerHour: 5 },
    ],
    capacity: { S: 20, L: 10 },
    models: [
      {
        name: 'model',
        profiles: Object.entries(rates).map(([accelerator, ofSizes]) => ({
          accelerator,
          throughput: throughput(ofSizes),
        })),
      },
    ],
    serviceClasses: [
      { name: 'class', priority: 1, targets: [{ model: 'model', ttftMs: 500 }] },
      { name: 'strict', priority: 2, targets: [{ model: 'model', ttftMs: 100, minTokensPerSec: 10 }] },
    ],
    servers: [{ name: 'server', serviceClass: 'class', model: 'model', load: null, ...server }],
  };
}

export function planOf(fleet: Fleet, solver: Solver = mixed): Plan {
  return optimize(fleet, { strategy: solver, options: {} }, { strategy: measured, options: {} }, () => 0);
}

export const sizes = (short: number): RequestSize[] => [
  { ...SHORT, share: short },
  { ...LONG, share: 1 - short },
];
export const held = ({ servers: [{ allocations }] }: Plan) =>
  allocations.map(({ variant, replicas }) => `${replicas} ${variant}`);
