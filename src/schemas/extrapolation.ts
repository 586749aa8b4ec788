import { type Static, Type } from '#typebox';
import { closed, Figure, Nullable } from './quantities.ts';

/** What a law is asked at: it grows with the tokens of a request and with the batch, not with the rate itself. */
export const DIMENSIONS = ['inputTokens', 'outputTokens', 'inService'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export const AskedAt = Type.Object(
  {
    asked: Figure('What the answer was computed at.'),
    from: Figure('Least that was observed.'),
    to: Figure('Largest that was observed.'),
    fraction: Figure(
      '0: inside. asked / to - 1 beyond the largest, from / asked - 1 below the least, where less than one token or request counts as one: 0.5 is one and a half times too much, or too little.',
    ),
  },
  closed('AskedAt', 'One quantity against what was observed of it.'),
);
export type AskedAt = Static<typeof AskedAt>;

const of = (what: string) => Nullable(AskedAt, `${what} null: not known what was observed.`);

export const Extrapolation = Type.Object(
  {
    fraction: Figure('The largest of those below; 0: inside in all that is known.'),
    worst: Nullable(Type.Enum([...DIMENSIONS]), 'What lies farthest outside; null: nothing does.'),
    inputTokens: of('Mean prompt length.'),
    outputTokens: of('Mean output length.'),
    inService: of('Mean requests in the batch of one replica; where it is overloaded the batch is full.'),
  },
  closed(
    'Extrapolation',
    'How far outside its `observedRange` a service time was asked. Absent where no range is given or nothing is predicted, and for a queue model of measured rates: it extrapolates nothing.',
  ),
);
export type Extrapolation = Static<typeof Extrapolation>;
