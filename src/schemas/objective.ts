import { type Static, Type } from '#typebox';
import { Faults, isNumber, isObject, isText } from './fault-list.ts';
import type { InputFault } from './faults.ts';
import { closed } from './quantities.ts';

const Weight = (description: string, value: number) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 1e6, default: value, description }));

export const Objective = Type.Object(
  {
    cost: Weight('Of the cost per hour.', 1),
    power: Weight(
      'Of a watt, at the predicted utilization (cost per hour): an energy price, or one of carbon.',
      0,
    ),
    change: Weight('Of the price of change: a tenth of the hourly cost that is started or stopped.', 1),
    slack: Weight(
      'Of a server without headroom (cost per hour): each costs so much times its utilization.',
      0,
    ),
  },
  closed('Objective', 'What is minimised: the weighted sum. The defaults are what all solvers minimise.'),
);
export type Objective = Static<typeof Objective>;

/** Faults of meaning: power that is weighed must be known of every accelerator that a profile names. */
export function objectiveFaults(request: unknown): InputFault[] {
  const faults = new Faults();
  if (!isObject(request) || !isObject(request.objective)) return [];
  const { power } = request.objective;
  if (!isNumber(power) || power === 0) return [];
  const used = new Set(
    entries(request.models).flatMap(({ profiles }) =>
      entries(profiles).map(({ accelerator }) => accelerator),
    ),
  );
  for (const [i, { name, power: profile }] of entries(request.accelerators).entries()) {
    if (isText(name) && used.has(name) && profile === undefined) {
      faults.missing(`/accelerators/${i}/power`, 'the objective weighs power');
    }
  }
  return faults.found;
}

function entries(list: unknown): Record<string, unknown>[] {
  return Array.isArray(list) ? list.map((entry: unknown) => (isObject(entry) ? entry : {})) : [];
}
