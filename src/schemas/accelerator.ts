import { type Static, Type } from '#typebox';
import { CostPerHour, Count, closed, Gib, Name, Watts } from './quantities.ts';

export const PowerProfile = Type.Object(
  {
    idleWatts: Watts('Power of the whole profile at utilization 0.'),
    fullWatts: Watts('Power at utilization 1.'),
    midWatts: Type.Optional(
      Watts('Power at `midUtilizationFraction`; absent: on the straight line from idle to full.'),
    ),
    midUtilizationFraction: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        default: 0.5,
        description: 'Where `midWatts` holds.',
      }),
    ),
  },
  closed('PowerProfile', 'Power against utilization: linear from idle to mid, then linear to full.'),
);
export type PowerProfile = Static<typeof PowerProfile>;

export const Accelerator = Type.Object(
  {
    name: Name('Name of the profile; unique.'),
    type: Name('Card type, the unit that `capacity` counts.'),
    cards: Type.Optional(
      Count('Cards of `type` in one unit of this profile.', { minimum: 1, maximum: 10_000, default: 1 }),
    ),
    costPerHour: CostPerHour('Cost of the whole profile, all its cards, in any one currency.'),
    memoryGib: Type.Optional(Gib('Memory of the whole profile. Informative.')),
    power: Type.Optional(PowerProfile),
  },
  closed('Accelerator', 'A GPU profile: one or several cards of a type, as one unit that a replica runs on.'),
);
export type Accelerator = Static<typeof Accelerator>;

const Cards = Count('Cards of this type that exist.', { maximum: 10_000_000 });

export const NodeGroup = Type.Object(
  {
    cards: Count('Cards of one node.', { minimum: 1, maximum: 10_000 }),
    count: Count('Nodes of this size.', { maximum: 1_000_000 }),
  },
  closed('NodeGroup', 'Nodes that are alike.'),
);
export type NodeGroup = Static<typeof NodeGroup>;

export const CapacityOfType = Type.Object(
  {
    cards: Cards,
    nodes: Type.Optional(
      Type.Array(NodeGroup, {
        maxItems: 100,
        description:
          'The nodes that hold these cards: a replica must fit one node, and all replicas must pack. Absent: any cards make a replica.',
      }),
    ),
  },
  closed('CapacityOfType', 'Cards of one type.'),
);
export type CapacityOfType = Static<typeof CapacityOfType>;

export const Capacity = Type.Record(
  Type.String({ minLength: 1, maxLength: 253 }),
  Type.Union([Cards, CapacityOfType]),
  {
    $id: 'Capacity',
    description: 'Cards by type. A type that is absent has no limit; without `capacity` no type has one.',
    ...{ maxProperties: 1_000 },
  },
);
export type Capacity = Static<typeof Capacity>;
