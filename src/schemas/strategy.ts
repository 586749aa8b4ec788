import { type Static, Type } from '#typebox';
import { closed, Name, Nullable, Text, Whole } from './quantities.ts';

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

const described = {
  name: Text('What a request calls it.'),
  summary: Text('What it does.'),
  default: Type.Boolean({
    description:
      'Chosen where the request names none (of the solvers: where it gives a capacity; without one `unlimited` is; of the queue models: where no target is at a percentile; else `iteration` is).',
  }),
  options: Type.Unknown({ description: 'JSON schema of its options.' }),
};

export const StrategyDescription = Type.Object(
  described,
  closed('StrategyDescription', 'A strategy that can be named in a request.'),
);
export type StrategyDescription = Static<typeof StrategyDescription>;

export const StrategyList = Type.Array(StrategyDescription, {
  $id: 'StrategyList',
  description: 'What can be selected.',
});
export type StrategyList = Static<typeof StrategyList>;

const share = (description: string) => Type.Number({ minimum: 0, description });

export const ErrorFigures = Type.Object(
  {
    medianFraction: share('Half of the errors are at most this, as a share of what is simulated.'),
    p90Fraction: share('Nine of ten are at most this.'),
    worstFraction: share('All are at most this.'),
    within10Percent: Whole('Situations in which it is off by at most a tenth.'),
    situations: Whole('Situations in all: those that simulation knows within 5 %.'),
  },
  closed('ErrorFigures', 'How far predictions are off simulation.'),
);

const errorOf = (what: string) =>
  Nullable(ErrorFigures, `Error of the ${what}; null: the model does not tell it.`);

export const ModelError = Type.Object(
  {
    where: Text('In which situations.'),
    ttftMs: errorOf('mean time to first token'),
    ttftP95Ms: errorOf('95th percentile of the time to first token'),
    ttftP99Ms: errorOf('99th percentile of the time to first token'),
    itlMs: errorOf('mean inter-token latency'),
    itlP95Ms: errorOf('95th percentile of the gaps between tokens'),
    itlP99Ms: errorOf('99th percentile of the gaps between tokens'),
  },
  closed('ModelError', 'How far a queue model is off simulation in situations of one kind.'),
);
export type ModelError = Static<typeof ModelError>;

export const QueueModelDescription = Type.Object(
  {
    ...described,
    assumes: Nullable(Type.String(), 'What must hold for it to be right; null: it does not say.'),
    cost: Nullable(Type.String(), 'What an evaluation costs; null: it does not say.'),
    tellsPercentiles: Type.Boolean({ description: 'Whether targets on percentiles can be met with it.' }),
    errors: Type.Array(ModelError, {
      description: 'How far it is off simulation; empty: it has not been judged, or is the judge itself.',
    }),
  },
  closed('QueueModelDescription', 'A queue model that can be named in a request.'),
);
export type QueueModelDescription = Static<typeof QueueModelDescription>;

export const QueueModelList = Type.Array(QueueModelDescription, {
  $id: 'QueueModelList',
  description: 'Queue models that can be selected, with what they are worth.',
});
export type QueueModelList = Static<typeof QueueModelList>;
