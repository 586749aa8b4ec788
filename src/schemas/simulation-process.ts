import { type Static, Type } from '#typebox';
import { closed, RequestsPerSec, Seconds, Tokens } from './quantities.ts';

const Cv = (description: string) => Type.Number({ minimum: 0, maximum: 20, description });

const Kind = <const K extends string>(kind: K) => Type.Literal(kind, { description: 'The kind.' });

const GAPS_CV =
  'Coefficient of variation of the gaps between arrivals: 0 constant, 1 Poisson, above 1 in bursts.';

export const PoissonArrivals = Type.Object(
  { kind: Kind('poisson') },
  closed('PoissonArrivals', 'Arrivals that know nothing of one another.'),
);
export const ConstantArrivals = Type.Object(
  { kind: Kind('constant') },
  closed('ConstantArrivals', 'One arrival after the other, evenly spaced.'),
);
export const GammaArrivals = Type.Object(
  { kind: Kind('gamma'), cv: Cv(GAPS_CV) },
  closed('GammaArrivals', 'Gamma-distributed gaps between arrivals.'),
);
export const RatePiece = Type.Object(
  {
    fromSec: Seconds('From then on.'),
    requestsPerSec: RequestsPerSec('Mean rate until the next piece; the last one lasts.'),
  },
  closed('RatePiece', 'A rate from a time on.'),
);
export const RateArrivals = Type.Object(
  {
    kind: Kind('rates'),
    rates: Type.Array(RatePiece, {
      minItems: 1,
      maxItems: 100_000,
      description: 'In the order of time; before the first there are no arrivals.',
    }),
    cv: Type.Optional(Cv(`${GAPS_CV} Absent: 1.`)),
  },
  closed('RateArrivals', 'A rate that changes at given times.'),
);
export const TracedRequest = Type.Object(
  {
    atSec: Seconds('When it arrives.'),
    inputTokens: Type.Integer({ minimum: 0, maximum: 1e7, description: 'Prompt length.' }),
    outputTokens: Type.Integer({ minimum: 1, maximum: 1e7, description: 'Output length.' }),
  },
  closed('TracedRequest', 'A request of a trace.'),
);
export type TracedRequest = Static<typeof TracedRequest>;
export const TraceArrivals = Type.Object(
  {
    kind: Kind('trace'),
    requests: Type.Array(TracedRequest, {
      minItems: 1,
      maxItems: 1_000_000,
      description: 'In the order of time, with their sizes: `lengths` and the rate are not heeded.',
    }),
  },
  closed('TraceArrivals', 'Requests as they were recorded.'),
);

/** A process that knows its times alone; a trace brings the sizes too. */
export const DrawnArrivals = Type.Union([PoissonArrivals, ConstantArrivals, GammaArrivals, RateArrivals]);
export type DrawnArrivals = Static<typeof DrawnArrivals>;
export const Arrivals = Type.Union(
  [PoissonArrivals, ConstantArrivals, GammaArrivals, RateArrivals, TraceArrivals],
  { description: 'How requests arrive. Absent: Poisson.' },
);
export type Arrivals = Static<typeof Arrivals>;

export const ConstantLength = Type.Object(
  { kind: Kind('constant') },
  closed('ConstantLength', 'All of the mean length.'),
);
export const ExponentialLength = Type.Object(
  { kind: Kind('exponential') },
  closed('ExponentialLength', 'Exponential, in whole tokens: geometric.'),
);
export const LognormalLength = Type.Object(
  { kind: Kind('lognormal'), cv: Cv('Coefficient of variation of the lengths.') },
  closed('LognormalLength', 'Lognormal: many short ones, a few very long.'),
);
export const TokenLength = Type.Union([ConstantLength, ExponentialLength, LognormalLength], {
  description: "How one of the two lengths of a request is drawn; its mean is the station's.",
});
export type TokenLength = Static<typeof TokenLength>;

export const SeparateLengths = Type.Object(
  { input: TokenLength, output: TokenLength },
  closed('SeparateLengths', 'Prompts and outputs drawn each in its own way, independently.'),
);
export const EmpiricalSize = Type.Object(
  {
    inputTokens: Tokens('Prompt length.'),
    outputTokens: Tokens('Output length.', { minimum: 1 }),
    share: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1e9, description: 'How often, relative to the others. Absent: 1.' }),
    ),
  },
  closed('EmpiricalSize', 'A size of request as it was seen.'),
);
export const EmpiricalLengths = Type.Object(
  {
    kind: Kind('empirical'),
    sizes: Type.Array(EmpiricalSize, {
      minItems: 1,
      maxItems: 100_000,
      description: 'Sizes to draw from; the lengths of the station are not heeded.',
    }),
  },
  closed('EmpiricalLengths', 'Sizes drawn from a list: prompt and output of a request belong together.'),
);
export const Lengths = Type.Union(
  [ConstantLength, ExponentialLength, LognormalLength, SeparateLengths, EmpiricalLengths],
  { description: 'How the lengths of prompts and outputs are drawn. Absent: both exponential.' },
);
export type Lengths = Static<typeof Lengths>;

export const BalancerName = Type.Union(
  [
    Type.Literal('round-robin'),
    Type.Literal('least-loaded'),
    Type.Literal('weighted'),
    Type.Literal('random'),
  ],
  {
    description:
      'How requests are spread over replicas: in turn, to the one with the fewest requests for its weight, in turn as often as the weights say, or by chance as often as they say. The queue models assume `random`.',
  },
);
export type BalancerName = Static<typeof BalancerName>;

export const Seed = Type.Integer({
  minimum: 0,
  maximum: 2 ** 31 - 1,
  default: 1,
  description: 'Of the random draws: the same seed, the same answer.',
});
