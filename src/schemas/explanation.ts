import { type Static, Type } from '#typebox';
import { closed, Figure, Nullable, Text, Whole } from './quantities.ts';

export const CardEffect = Type.Object(
  {
    type: Text('Card type that is short.'),
    cards: Whole('How many more: one, or those of one more node of the largest kind.'),
    savesPerHour: Figure('What the plan would cost less. Below 0: it serves more, for more.'),
    servesMore: Figure('Servers that would be served more: the sum of the shares.'),
    proven: Type.Boolean({ description: 'Both plans are optimal; false: about so much.' }),
  },
  closed('CardEffect', 'What more cards of a type would change.'),
);
export type CardEffect = Static<typeof CardEffect>;

export const TargetEffect = Type.Object(
  {
    server: Text('Name of the server.'),
    savesPerHour: Figure('What it would cost less, all others as they are.'),
    servesMore: Figure('How much more of it would be served.'),
    variant: Text('What would run.'),
    replicas: Whole('How many.'),
  },
  closed('TargetEffect', 'What looser targets of a server would change.'),
);
export type TargetEffect = Static<typeof TargetEffect>;

export const Explanation = Type.Object(
  {
    cards: Type.Array(CardEffect, {
      description: 'Of each type that is short, what more of it would change.',
    }),
    looserTargets: Type.Array(TargetEffect, {
      description:
        'Servers that would cost less, or be served more, with latency targets a tenth looser; those that save most first.',
    }),
  },
  closed('Explanation', 'What stands in the way of a better plan.'),
);
export type Explanation = Static<typeof Explanation>;

export const MaybeExplanation = Nullable(Explanation, 'null: it was not asked for.');
