import { type Static, Type } from '#typebox';
import { NodeGroup } from './accelerator.ts';
import { fleetFields } from './fleet.ts';
import { CostPerHour, closed, Name, Nullable, OrNull, Text } from './quantities.ts';
import { Shortfall } from './server-plan.ts';
import { StrategyChoice } from './strategy.ts';
import { Confidence } from './uncertainty.ts';

const Factors = (description: string) =>
  Type.Array(Type.Number({ exclusiveMinimum: 0, maximum: 1_000 }), {
    minItems: 1,
    maxItems: 100,
    description,
  });

export const CardSweep = Type.Object(
  {
    loadFactor: Type.Optional(Factors('Multiples of the load. Either this or `targetFactor`.')),
    targetFactor: Type.Optional(
      Factors('Multiples of the TTFT, ITL and end-to-end targets: above 1 they are looser.'),
    ),
  },
  closed('CardSweep', 'What to vary.'),
);

export const MinimumCardsRequest = Type.Object(
  {
    ...fleetFields,
    solver: Type.Optional(StrategyChoice),
    queueModel: Type.Optional(StrategyChoice),
    confidence: Type.Optional(Confidence),
    type: Type.Optional(
      Name(
        'The fewest cards of this type, the others being limited by `capacity`. Absent: of all types, those that cost least.',
      ),
    ),
    prices: Type.Optional(
      Type.Record(Type.String({ minLength: 1, maxLength: 253 }), CostPerHour('Of one card.'), {
        maxProperties: 1_000,
        description:
          'Price of a card by type. Absent: the least that an accelerator of the type costs per card.',
      }),
    ),
    sweep: Type.Optional(CardSweep),
  },
  closed('MinimumCardsRequest', 'A fleet, and which cards to find the least of.'),
);
export type MinimumCardsRequest = Static<typeof MinimumCardsRequest>;

const Cards = Type.Record(Type.String(), Type.Integer(), { description: 'Cards by type.' });

const found = {
  status: Type.Enum(['found', 'unservable'], {
    description:
      '`unservable`: no number of these cards serves the fleet in full; `shortfalls` says whom not.',
  }),
  capacity: Nullable(Cards, 'Cards by type that serve the fleet in full; null: none do.'),
  nodes: Type.Optional(
    Type.Record(Type.String(), Type.Array(NodeGroup), {
      description:
        'By type whose `nodes` the request names: how many of the largest of them hold all replicas of a plan with these cards, each replica on one node. The cards are the least, not the nodes: another plan with more cards may do with fewer. Absent: no nodes were named, or no cards serve the fleet.',
    }),
  ),
  costPerHour: OrNull(
    'Of these cards at their prices; with `type`, of the plan. null: none serve the fleet.',
  ),
  proven: Type.Boolean({
    description: 'No fewer, or cheaper, cards would do; false: the best that was found.',
  }),
  shortfalls: Type.Array(
    Type.Object(
      {
        server: Text('Name of the server.'),
        code: Shortfall.properties.code,
        text: Text('Why, for people.'),
      },
      closed('CardShortfall', 'A server that cannot be served in full.'),
    ),
    { description: 'Servers that cannot be served in full, and why.' },
  ),
};

export const CardPoint = Type.Object(
  {
    loadFactor: Type.Optional(Type.Number({ description: 'What the load was multiplied by.' })),
    targetFactor: Type.Optional(Type.Number({ description: 'What the targets were multiplied by.' })),
    ...found,
  },
  closed('CardPoint', 'A point of the curve.'),
);
export type CardPoint = Static<typeof CardPoint>;

export const MinimumCards = Type.Object(
  {
    ...found,
    points: Type.Optional(Type.Array(CardPoint, { description: 'The curve, in the order of the request.' })),
  },
  closed('MinimumCards', 'The least cards that serve a fleet in full.'),
);
export type MinimumCards = Static<typeof MinimumCards>;
