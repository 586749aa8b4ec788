import { canonicalKeys } from '../../src/inferno/canonical-keys.ts';
import type { Translated } from '../../src/inferno/from-inferno.ts';
import { fromInferno } from '../../src/inferno/from-inferno.ts';
import { toInferno } from '../../src/inferno/to-inferno.ts';
import { optimizeRequest } from '../../src/operations/optimize-request.ts';
import { loadRegistry } from '../../src/registry.ts';
import type { InfernoAnswer } from '../../src/schemas/inferno.ts';
import { InfernoRequest } from '../../src/schemas/inferno.ts';

export const registry = await loadRegistry();

type Json = Record<string, unknown>;

/** A system with every key that the llm-inferno optimizer reads, its server changed by `server`. */
export function systemOf({ server = {}, optimizer = {}, target = {}, model = {}, capacity }: Parts = {}) {
  return {
    acceleratorData: {
      accelerators: [
        {
          name: 'one',
          type: 'card',
          multiplicity: 1,
          memSize: 80,
          memBW: 2_000,
          power: { idle: 100, full: 400, midPower: 300, midUtil: 0.6 },
          cost: 40,
        },
        { name: 'four', type: 'card', multiplicity: 4, cost: 150 },
        { name: 'other', type: 'unlisted', cost: 1 },
      ],
    },
    modelData: {
      models: [
        {
          name: 'model',
          acc: 'one',
          accCount: 2,
          maxBatchSize: 64,
          atTokens: 512,
          perfParms: { alpha: 20, beta: 0.04, gamma: 0.001 },
          ...model,
        },
        {
          name: 'model',
          acc: 'four',
          maxBatchSize: 64,
          atTokens: 512,
          perfParms: { alpha: 9, beta: 0.02, gamma: 0.0005 },
        },
      ],
    },
    serviceClassData: {
      serviceClasses: [
        {
          name: 'class',
          priority: 2,
          modelTargets: [{ model: 'model', 'slo-itl': 60, 'slo-ttft': 1_000, ...target }],
        },
      ],
    },
    serverData: {
      servers: [
        {
          name: 'server',
          class: 'class',
          model: 'model',
          keepAccelerator: false,
          minNumReplicas: 1,
          maxBatchSize: 32,
          maxQueueSize: 100,
          currentAlloc: {
            accelerator: 'one',
            numReplicas: 2,
            maxBatch: 32,
            cost: 150,
            itlAverage: 30,
            ttftAverage: 80,
            load: { arrivalRate: 60, avgInTokens: 128, avgOutTokens: 1_024 },
          },
          ...server,
        },
      ],
    },
    capacityData: { count: capacity ?? [{ type: 'card', count: 8 }] },
    optimizerData: {
      optimizer: {
        unlimited: false,
        heterogeneous: false,
        milpSolver: false,
        useCplex: false,
        delayedBestEffort: true,
        saturationPolicy: 'RoundRobin',
        ...optimizer,
      },
    },
  };
}

interface Parts {
  readonly server?: Json;
  readonly optimizer?: Json;
  readonly target?: Json;
  readonly model?: Json;
  readonly capacity?: readonly Json[];
}

const requestOf = (system: unknown) => canonicalKeys(InfernoRequest, { system }) as InfernoRequest;

export function translated(system: unknown): Translated {
  return fromInferno(requestOf(system));
}

/** The answer, as a client reads it. */
export function answerTo(system: unknown): InfernoAnswer {
  const request = requestOf(system);
  const translation = fromInferno(request);
  const answer = toInferno(optimizeRequest(translation.request, registry), request, translation);
  return JSON.parse(JSON.stringify(answer)) as InfernoAnswer;
}
