import { type Static, Type } from '#typebox';
import { closed, Nullable } from './quantities.ts';

const Span = (description: string, maximum: number) =>
  Type.Object(
    {
      from: Type.Number({ minimum: 0, maximum, description: 'Least.' }),
      to: Type.Number({ minimum: 0, maximum, description: 'Largest; not below `from`.' }),
    },
    { additionalProperties: false, description },
  );

export const ObservedRange = Type.Object(
  {
    requestsPerSec: Type.Optional(
      Span(
        'Rates of one replica (requests/s). For people: how heavy a rate is depends on the lengths, so it is not compared; `inService` is.',
        1e6,
      ),
    ),
    inputTokens: Type.Optional(Span('Mean prompt lengths.', 1e7)),
    outputTokens: Type.Optional(Span('Mean output lengths.', 1e7)),
    inService: Type.Optional(
      Span(
        "Mean requests in the batch of one replica: as measured, else by Little's law, rate · (TTFT + (output - 1) · ITL), at most the batch limit.",
        1e6,
      ),
    ),
  },
  closed(
    'ObservedRange',
    'What the observations span that a service time was found from: beyond it nothing was measured, and the law is extrapolated. What is absent is not known.',
  ),
);
export type ObservedRange = Static<typeof ObservedRange>;

/** Beside the service time of a profile or a station. */
export const MaybeObservedRange = Type.Optional(
  Nullable(
    ObservedRange,
    'As `/fit` and `/tune` tell it; `extrapolation` in the answer then says how far outside `serviceTime` was asked (not in that of `/simulate`). null or absent: not known.',
  ),
);
