import { type Static, Type } from '#typebox';
import { closed, Text } from './quantities.ts';

const errorOf = (field: string, unit: string) =>
  Type.Number({ minimum: 0, maximum: 1e6, description: `Of ${field} (${unit}). 0: it is exact.` });

export const StandardErrors = Type.Object(
  {
    alphaMs: errorOf('alphaMs', 'ms'),
    betaMsPerToken: errorOf('betaMsPerToken', 'ms/token'),
    gammaMsPerToken2: errorOf('gammaMsPerToken2', 'ms/token²'),
  },
  closed(
    'StandardErrors',
    'Standard errors of the parameters of `serviceTime`, in their units, as `/tune` answers them. A parameter is as likely to be too small by a factor as too large by it: its logarithm has the error over the parameter.',
  ),
);
export type StandardErrors = Static<typeof StandardErrors>;

const correlation = (between: string) =>
  Type.Number({ minimum: -1, maximum: 1, description: `Of ${between}.` });

export const Correlations = Type.Object(
  {
    alphaBeta: correlation('alphaMs and betaMsPerToken'),
    alphaGamma: correlation('alphaMs and gammaMsPerToken2'),
    betaGamma: correlation('betaMsPerToken and gammaMsPerToken2'),
  },
  closed('Correlations', 'Correlations of the errors.'),
);
export type Correlations = Static<typeof Correlations>;

export const Confidence = Type.Number({
  minimum: 0.5,
  maximum: 0.9999,
  description:
    'How likely each target is to hold although the parameters are only estimates: replicas are sized with parameters at the unfavourable end of what their `standardErrors` and `correlations` allow, in the direction in which the latency, or the highest rate, suffers. Where latencies jump with the batch (prefill in several chunks, batch limits below 4) it is taken up to the next quarter of a standard error. 0.5 or absent: the parameters as they are.',
});

export const Uncertainty = Type.Object(
  {
    confidence: Type.Number({ description: 'As in the request.' }),
    takenAsTheyAre: Type.Array(
      Type.Object(
        { model: Text('Name of the model.'), variant: Text('Name of the variant.') },
        closed('ExactVariant', 'A variant whose uncertainty is not known.'),
      ),
      {
        description:
          'Variants of the models served that were sized as if their parameters were exact: they have no standard errors, or the queue model works with measured rates. By name; none: the confidence holds for all.',
      },
    ),
  },
  closed('Uncertainty', 'What the confidence that was asked for covers.'),
);
export type Uncertainty = Static<typeof Uncertainty>;
