import { type Static, Type } from '#typebox';
import { ServiceTime } from './model.ts';
import { STATE_VERSION } from './tune.ts';

// What a caller keeps between two calls. Its parts are the estimator's business; the form is checked, so that a damaged one is told.

const Logarithms = Type.Array(Type.Number({ minimum: -50, maximum: 50 }), { minItems: 3, maxItems: 3 });
const Covariance = Type.Array(Type.Number({ minimum: -1e6, maximum: 1e6 }), { minItems: 9, maxItems: 9 });

/** A normal density of the logarithms of alphaMs, betaMsPerToken and gammaMsPerToken2. */
export const Belief = Type.Object(
  { mean: Logarithms, covariance: Covariance },
  { additionalProperties: false },
);
export type Belief = Static<typeof Belief>;

const Positive = Type.Number({ exclusiveMinimum: 0, maximum: 1e9 });

/** An observation that is kept, with what was made of it. */
export const Sighting = Type.Object(
  {
    requestsPerSec: Positive,
    inputTokens: Type.Number({ minimum: 0, maximum: 1e7 }),
    outputTokens: Type.Number({ minimum: 1, maximum: 1e7 }),
    maxBatchSize: Type.Integer({ minimum: 1, maximum: 1e6 }),
    maxQueueLength: Type.Optional(Type.Integer({ minimum: 0, maximum: 1e7 })),
    maxBatchTokens: Type.Optional(Type.Number({ minimum: 1, maximum: 1e7 })),
    cachedInputTokens: Type.Optional(Type.Number({ minimum: 0, maximum: 1e7 })),
    ttftMs: Positive,
    itlMs: Positive,
    accepted: Type.Boolean(),
    /** The innovation in units of what was expected of it; the mean before it was taken. */
    score: Type.Optional(Type.Array(Type.Number(), { minItems: 2, maxItems: 2 })),
    before: Type.Optional(Logarithms),
  },
  { additionalProperties: false },
);
export type Sighting = Static<typeof Sighting>;

export const TuneState = Type.Object(
  {
    version: Type.Literal(STATE_VERSION),
    estimator: Type.String(),
    /** null: nothing is known yet. */
    belief: Type.Union([Belief, Type.Null()]),
    /** What was believed where the window begins. */
    prior: Type.Union([Belief, Type.Null()]),
    /** Whether the prior is that of parameters that moved, most likely one of them. */
    moved: Type.Boolean(),
    /** Whether observations are filtered one by one; else all of the window are fitted together. */
    settled: Type.Boolean(),
    /** Where the measurement is linearised while the observations leave a combination of parameters open. */
    linearizedAt: Type.Optional(Logarithms),
    /** What else the service time has; it stays as the seed had it. */
    terms: Type.Optional(
      Type.Partial(Type.Omit(ServiceTime, ['alphaMs', 'betaMsPerToken', 'gammaMsPerToken2']), {
        additionalProperties: false,
      }),
    ),
    /** Noise that is seen, in units of the noise that is assumed. */
    noiseScale: Type.Number({ minimum: 1, maximum: 10 }),
    accepted: Type.Integer({ minimum: 0 }),
    sinceRestart: Type.Integer({ minimum: 0 }),
    rejectedInRow: Type.Integer({ minimum: 0 }),
    restarts: Type.Integer({ minimum: 0 }),
    observedAt: Type.Union([Type.String(), Type.Null()]),
    window: Type.Array(Sighting, { maxItems: 10_000 }),
  },
  { additionalProperties: false },
);
export type TuneState = Static<typeof TuneState>;
