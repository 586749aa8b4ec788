import { type Static, Type } from '#typebox';
import { ServiceTime } from './model.ts';
import { Observation, REJECTIONS } from './observation.ts';
import { ObservedRange } from './observed-range.ts';
import { closed, Figure, Flag, Name, Nullable, OrNull, Text, Whole } from './quantities.ts';
import { StrategyChoice } from './strategy.ts';
import { Correlations } from './uncertainty.ts';

/** Versions of the state; a change of its form makes a new one. */
export const STATE_VERSION = 1;

export const TuneItem = Type.Object(
  {
    model: Name('Name of the model.'),
    variant: Name('Name of the variant: the model on an accelerator with one engine configuration.'),
    state: Type.Optional(
      Nullable(
        Type.Record(Type.String(), Type.Unknown()),
        'The state of the last answer, as it was; null or absent: start anew.',
      ),
    ),
    seed: Type.Optional(
      Nullable(
        ServiceTime,
        'Parameters to start from where there is no state; absent: guessed from the observations.',
      ),
    ),
    observations: Type.Array(Observation, {
      maxItems: 10_000,
      description: 'New observations, the oldest first.',
    }),
  },
  closed('TuneItem', 'One variant: what is known of it, and what was observed since.'),
);
export type TuneItem = Static<typeof TuneItem>;

export const TuneRequest = Type.Object(
  {
    items: Type.Array(
      Type.Union([
        TuneItem,
        Type.Unknown({ description: 'Anything else: that item alone is answered `invalid`.' }),
      ]),
      {
        maxItems: 100_000,
        description: 'Variants; each is tuned by itself, and a bad one leaves the others alone.',
      },
    ),
    estimator: Type.Optional(StrategyChoice),
    queueModel: Type.Optional(StrategyChoice),
  },
  closed('TuneRequest', 'Observed latencies of variants, with what was known of them.'),
);
export type TuneRequest = Static<typeof TuneRequest>;

export const PHASES = {
  collecting:
    'the observations do not tell the parameters apart yet: what they tell is updated, the rest stays as it was',
  'warming-up': 'identified, from few observations',
  tracking: 'followed from observation to observation',
  held: 'no observation was taken: all stays as it was',
  invalid: 'the item cannot be read; `faults` says why, and its state is given back as it came',
} as const;
export type Phase = keyof typeof PHASES;

export const ParameterFigures = Type.Object(
  {
    alphaMs: Figure('Of alphaMs (ms).'),
    betaMsPerToken: Figure('Of betaMsPerToken (ms/token).'),
    gammaMsPerToken2: Figure('Of gammaMsPerToken2 (ms/token²).'),
  },
  closed('ParameterFigures', 'A figure for each parameter.'),
);

export const Combination = Type.Object(
  {
    exponents: ParameterFigures,
    standardErrorFraction: Figure('Relative standard error of the product.'),
    isKnown: Flag('Whether the observations tell it: a relative standard error of at most a quarter.'),
  },
  closed(
    'Combination',
    'A product of powers of the parameters, alpha^a · beta^b · gamma^c; the three are independent of one another, the best known first. They hold near the parameters told: far along an open one, a known one bends.',
  ),
);

export type Combination = Static<typeof Combination>;

export const SweepPoint = Type.Object(
  {
    requestsPerSec: Figure('Rate of one replica (requests/s).'),
    inputTokens: Figure('Prompt length.'),
    outputTokens: Figure('Output length.'),
    standardErrorFraction: Figure(
      'Largest relative standard error that is left after it and those before it.',
    ),
  },
  closed('SweepPoint', 'An operating point worth measuring.'),
);

export const Taken = Type.Object(
  {
    accepted: Flag('Whether it was taken.'),
    reason: Nullable(Type.Enum(Object.keys(REJECTIONS)), 'Why it was not; null: it was.'),
    nis: OrNull(
      'Normalised innovation squared against what was known before (2 degrees of freedom); null: not expected.',
    ),
    innovation: Nullable(
      Type.Object(
        { ttftMs: Figure('Of the TTFT (ms).'), itlMs: Figure('Of the ITL (ms).') },
        closed('Innovation', 'Observed less expected before it was taken.'),
      ),
      'null: nothing was expected.',
    ),
    residuals: Nullable(
      Type.Object(
        { ttftMs: Figure('Of the TTFT (ms).'), itlMs: Figure('Of the ITL (ms).') },
        closed('Residuals', 'Observed less predicted with the parameters of this answer.'),
      ),
      'null: there is no prediction, or no measurement.',
    ),
  },
  closed('Taken', 'What became of an observation.'),
);
export type Taken = Static<typeof Taken>;

export const Tuned = Type.Object(
  {
    model: Nullable(Type.String(), 'As in the request; null: it has none that is a text.'),
    variant: Nullable(Type.String(), 'As in the request.'),
    status: Type.Enum(Object.keys(PHASES), {
      description: Object.entries(PHASES)
        .map(([phase, meaning]) => `\`${phase}\`: ${meaning}.`)
        .join(' '),
    }),
    serviceTime: Nullable(ServiceTime, 'The parameters, ready for a profile; null: nothing is known yet.'),
    standardErrors: Nullable(ParameterFigures, 'Standard errors of the parameters, in their units.'),
    correlations: Nullable(Correlations, 'null: nothing is known yet.'),
    observedRange: Nullable(
      ObservedRange,
      'What the observations span that were taken and are still in the state, ready for a profile; null: none are.',
    ),
    state: Type.Unknown({ description: 'To be sent with the next observations, as it is.' }),
    observations: Type.Array(Taken, { description: 'In the order of the request.' }),
    diagnostics: Nullable(
      Type.Object(
        {
          estimator: Text('What estimated.'),
          accepted: Whole('Observations taken since the start.'),
          rejectedInRow: Whole('Observations not taken since the last that was.'),
          restarts: Whole('How often the parameters were found to have moved, and were found anew.'),
          conditionNumber: OrNull(
            'Of the residuals by the logarithms of the parameters; above 1000 the observations do not tell them apart. null: too few, or without bound.',
          ),
          combinations: Type.Array(Combination, { description: 'What is known, and what is not.' }),
        },
        closed('TuneDiagnostics', 'How the parameters came about.'),
      ),
      'null: invalid.',
    ),
    calibration: Nullable(
      Type.Object(
        {
          needed: Flag('Whether a parameter is known so badly that a sweep is worth while.'),
          reason: Text('Why, for people.'),
          points: Type.Array(SweepPoint, { description: 'Where to measure, the most telling first.' }),
        },
        closed('Calibration', 'Whether to measure on purpose, and where.'),
      ),
      'null: nothing is known yet.',
    ),
    faults: Type.Array(
      Type.Object(
        {
          path: Text('JSON Pointer within the item.'),
          message: Text('What is wrong and what would be right.'),
        },
        closed('ItemFault', 'A fault of an item.'),
      ),
      { description: 'Of an invalid item, all of them.' },
    ),
  },
  closed('Tuned', 'What is known of a variant now.'),
);
export type Tuned = Static<typeof Tuned>;

export const TuneAnswer = Type.Object(
  { items: Type.Array(Tuned, { description: 'In the order of the request.' }) },
  closed('TuneAnswer', 'Parameters of each variant, how sure they are, and the state for the next time.'),
);
export type TuneAnswer = Static<typeof TuneAnswer>;
