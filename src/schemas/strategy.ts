import { type Static, Type } from '#typebox';
import { closed, Name, Text } from './quantities.ts';

export const StrategyChoice = Type.Union(
  [
    Name('Name of the strategy, with its default options.'),
    Type.Object(
      {
        name: Name('Name of the strategy.'),
        options: Type.Optional(
          Type.Record(Type.String(), Type.Unknown(), {
            description: 'Its options; their schema is listed with the strategy.',
          }),
        ),
      },
      closed('NamedStrategy', 'A strategy and its options.'),
    ),
  ],
  { $id: 'StrategyChoice', description: 'A strategy by name, or by name and options.' },
);
export type StrategyChoice = Static<typeof StrategyChoice>;

export const StrategyDescription = Type.Object(
  {
    name: Text('What a request calls it.'),
    summary: Text('What it does.'),
    default: Type.Boolean({
      description:
        'Chosen where the request names none (of the solvers: where it gives a capacity; without one `unlimited` is).',
    }),
    options: Type.Unknown({ description: 'JSON schema of its options.' }),
  },
  closed('StrategyDescription', 'A strategy that can be named in a request.'),
);
export type StrategyDescription = Static<typeof StrategyDescription>;

export const StrategyList = Type.Array(StrategyDescription, {
  $id: 'StrategyList',
  description: 'What can be selected.',
});
export type StrategyList = Static<typeof StrategyList>;
