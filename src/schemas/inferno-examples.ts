// Examples of the JSON of llm-inferno.

const inferno = {
  system: {
    acceleratorData: { accelerators: [{ name: 'A100', type: 'A100', multiplicity: 1, cost: 40 }] },
    capacityData: { count: [{ type: 'A100', count: 8 }] },
    modelData: {
      models: [
        {
          name: 'granite_13b',
          acc: 'A100',
          accCount: 1,
          maxBatchSize: 64,
          atTokens: 512,
          perfParms: { alpha: 20.58, beta: 0.041, gamma: 0.00128125 },
        },
      ],
    },
    serviceClassData: {
      serviceClasses: [
        {
          name: 'Premium',
          priority: 1,
          modelTargets: [{ model: 'granite_13b', 'slo-itl': 40, 'slo-ttft': 1000 }],
        },
      ],
    },
    serverData: {
      servers: [
        {
          name: 'Premium-granite_13b',
          class: 'Premium',
          model: 'granite_13b',
          currentAlloc: { load: { arrivalRate: 60, avgInTokens: 128, avgOutTokens: 1024 } },
        },
      ],
    },
    optimizerData: { optimizer: { unlimited: false, saturationPolicy: 'PriorityExhaustive' } },
  },
};

/** What replicas did, or a sweep: requests per minute, prompt and output tokens, TTFT, ITL. */
const replicas = [
  [9.6, 128, 1024, 56.2, 25.7],
  [90, 512, 256, 83, 34.3],
  [594, 64, 128, 59.4, 29.7],
  [19.8, 1024, 512, 98.6, 33],
  [39, 256, 768, 84.5, 37.7],
  [37.2, 128, 1024, 103, 49.5],
].map(([arrivalRate, avgInTokens, avgOutTokens, ttftAverage, itlAverage], i) => ({
  name: `Premium-granite_13b/pod-${i}`,
  class: 'Premium',
  model: 'granite_13b',
  maxBatchSize: 0,
  maxQueueSize: 0,
  currentAlloc: {
    accelerator: 'A100',
    numReplicas: 1,
    maxBatch: 64,
    itlAverage,
    ttftAverage,
    load: { arrivalRate, throughput: arrivalRate, avgInTokens, avgOutTokens },
  },
}));

export const INFERNO_EXAMPLES = {
  '/inferno/optimizeOne': {
    system: { summary: 'One server', value: inferno },
  },
  '/inferno/tune': {
    replicas: { summary: 'Six replicas of one model at different loads', value: replicas },
  },
  '/inferno/calibrate': {
    sweep: { summary: 'A sweep', value: replicas.map((point) => ({ ...point, class: '' })) },
  },
  '/inferno/merge': {
    models: { summary: 'One model, as its file has it', value: inferno.system.modelData },
  },
};
