import { type Static, Type } from '#typebox';
import { InfernoAllocation, named, text } from './inferno.ts';
import { limited } from './limits.ts';
import { Figure, Flag, Text, Whole } from './quantities.ts';

// What the tuner of the llm-inferno components takes and answers. Theirs demands no field; what is 0 there was not measured.

const InfernoReplica = Type.Object(
  {
    name: text('Name of the server or the replica. Not used.'),
    class: text('Service class. Not used.'),
    model: text('Model.'),
    maxBatchSize: Type.Optional(
      Type.Integer({
        minimum: 0,
        ...limited('maximum', 'MAX_BATCH_SIZE'),
        description: 'Batch limit; 0 or absent: that of the allocation.',
      }),
    ),
    maxQueueSize: Type.Optional(
      Type.Integer({
        minimum: 0,
        ...limited('maximum', 'MAX_QUEUE_LENGTH'),
        description: 'Waiting room; default 0: none.',
      }),
    ),
    currentAlloc: Type.Optional(InfernoAllocation),
  },
  named(
    'InfernoReplica',
    'What one replica did: its accelerator, batch limit, latencies and load, those of one replica whatever `numReplicas` says.',
  ),
);
export type InfernoReplica = Static<typeof InfernoReplica>;

export const InfernoReplicas = Type.Array(InfernoReplica, {
  minItems: 1,
  maxItems: 10_000,
  ...named('InfernoReplicas', 'Replicas, or points of a sweep; keys in any case.'),
});
export type InfernoReplicas = Static<typeof InfernoReplicas>;

export const InfernoWarmUp = Type.Object(
  { warmingUp: Flag('Whether the parameters of some pair still settle.') },
  named('InfernoWarmUp', 'Whether to wait before merging.'),
);
export type InfernoWarmUp = Static<typeof InfernoWarmUp>;

export const InfernoParameters = Type.Object(
  {
    accelerator: Text('Accelerator.'),
    alpha: Figure('ms'),
    beta: Figure('ms/token'),
    gamma: Figure('ms/token²'),
    lastUpdated: Text('When an observation was last taken (RFC 3339).'),
    model: Text('Model.'),
    nis: Figure('Normalised innovation squared of the last observation; 0: nothing was expected of it.'),
    updateCount: Whole('Tunings that took an observation.'),
  },
  named('InfernoParameters', 'Parameters of a pair.'),
);
export type InfernoParameters = Static<typeof InfernoParameters>;

export const InfernoCalibrationStatuses = Type.Object(
  {
    statuses: Type.Array(
      Type.Object(
        {
          model: Text('Model.'),
          accelerator: Text('Accelerator.'),
          storePresent: Flag('Whether there are parameters.'),
          calibrated: Flag('Whether a sweep was fitted.'),
          obsCount: Whole(
            'Tunings that took an observation; after a calibration, its points and those since.',
          ),
          obsTarget: Whole('So many are enough for parameters, whatever they tell.'),
          conditionNumber: Figure(
            'Of the residuals by the logarithms of the parameters; 0: no parameters yet; 1e18: without bound.',
          ),
          illConditioned: Flag('Whether what was observed does not tell the parameters apart.'),
          needsCalibration: Flag('Whether a sweep would tell what tuning does not.'),
        },
        named('InfernoCalibrationStatus', 'How well a pair is known.'),
      ),
      { description: 'One entry per pair that is kept.' },
    ),
  },
  named('InfernoCalibrationStatuses', 'How well each pair is known.'),
);
export type InfernoCalibrationStatuses = Static<typeof InfernoCalibrationStatuses>;

/** The query of `/getparams`. */
export const InfernoPair = Type.Object({
  model: Type.String({ minLength: 1, description: 'Model, exactly.' }),
  accelerator: Type.String({ minLength: 1, description: 'Accelerator, exactly.' }),
});
