import { INFERNO_EXAMPLES } from './inferno-examples.ts';

/** Requests for the documentation, by address; each can be sent as it is. */
const accelerators = [
  { name: 'A100', type: 'A100', cards: 1, costPerHour: 40, memoryGib: 80 },
  {
    name: 'G2',
    type: 'G2',
    cards: 1,
    costPerHour: 23,
    power: { idleWatts: 180, fullWatts: 600, midWatts: 500, midUtilizationFraction: 0.6 },
  },
];

const fleet = {
  accelerators,
  capacity: { A100: 16, G2: 8 },
  models: [
    {
      name: 'granite_13b',
      profiles: [
        {
          accelerator: 'A100',
          maxBatchSize: 64,
          atTokens: 512,
          serviceTime: { alphaMs: 20.58, betaMsPerToken: 0.041, gammaMsPerToken2: 0.00128125 },
        },
        {
          accelerator: 'G2',
          maxBatchSize: 76,
          atTokens: 512,
          serviceTime: { alphaMs: 17.15, betaMsPerToken: 0.034, gammaMsPerToken2: 0.0010625 },
        },
      ],
    },
  ],
  serviceClasses: [
    { name: 'Premium', priority: 1, targets: [{ model: 'granite_13b', itlMs: 40, ttftMs: 1000 }] },
    { name: 'Free', priority: 3, targets: [{ model: 'granite_13b', itlMs: 160, ttftMs: 4000 }] },
  ],
  servers: [
    {
      name: 'Premium-granite_13b',
      serviceClass: 'Premium',
      model: 'granite_13b',
      load: { requestsPerSec: 1, inputTokens: 128, outputTokens: 1024 },
      current: [{ variant: 'G2', replicas: 1, maxBatchSize: 38 }],
    },
    {
      name: 'Free-granite_13b',
      serviceClass: 'Free',
      model: 'granite_13b',
      load: { requestsPerSec: 4, inputTokens: 128, outputTokens: 1024 },
    },
  ],
};

/** The same accelerators, with how sure their parameters are: well known together, badly each. */
const estimated = fleet.models[0].profiles.map(({ serviceTime, ...profile }) => ({
  ...profile,
  serviceTime,
  standardErrors: {
    alphaMs: 0.12 * serviceTime.alphaMs,
    betaMsPerToken: 0.4 * serviceTime.betaMsPerToken,
    gammaMsPerToken2: 0.2 * serviceTime.gammaMsPerToken2,
  },
  correlations: { alphaBeta: 0.1, alphaGamma: -0.9, betaGamma: -0.2 },
}));

const station = {
  serviceTime: { alphaMs: 20.58, betaMsPerToken: 0.041, gammaMsPerToken2: 0.00128125 },
  maxBatchSize: 32,
  inputTokens: 128,
  outputTokens: 1024,
};

/** Of one replica at different loads: rate, prompt and output tokens, TTFT, ITL. */
const observations = [
  [0.16, 128, 1024, 56.2, 25.7],
  [1.5, 512, 256, 83, 34.3],
  [9.9, 64, 128, 59.4, 29.7],
  [0.33, 1024, 512, 98.6, 33],
  [0.65, 256, 768, 84.5, 37.7],
  [0.62, 128, 1024, 103, 49.5],
].map(([requestsPerSec, inputTokens, outputTokens, ttftMs, itlMs]) => ({
  requestsPerSec,
  inputTokens,
  outputTokens,
  maxBatchSize: 64,
  ttftMs,
  itlMs,
}));

/** A benchmark of 512 prompt and 256 output tokens in GuideLLM's flat form: run, rate, requests in flight, median TTFT, mean ITL. */
const records = (
  [
    ['synchronous', 0.41, 1, 35.6, 9.48],
    ['constant@1.00', 0.98, 2.6, 41.3, 10.1],
    ['constant@2.00', 1.95, 5.5, 43.8, 11.0],
    ['constant@4.00', 3.88, 12.9, 47.9, 12.9],
    ['constant@8.00', 7.7, 35.7, 61.5, 18.2],
  ] as const
).map(([name, requestsPerSec, concurrency, ttftMs, itlMs]) => ({
  Name: name,
  'Successful Requests': Math.round(300 * requestsPerSec),
  'Successful Requests per second mean': requestsPerSec,
  'Successful Request concurrency mean': concurrency,
  'Successful Prompt token count mean': 512,
  'Successful Output token count mean': 256,
  'Successful Time to first token ms median': ttftMs,
  'Successful Inter token latency ms mean': itlMs,
  'Successful Inter token latency ms median': itlMs,
}));

export const EXAMPLES = {
  '/optimize': {
    'two classes': { summary: 'Two classes of one model on two accelerators', value: fleet },
    'scarce cards': {
      summary: 'The same with fewer cards than needed, shared in turn',
      value: {
        ...fleet,
        capacity: { A100: 1, G2: 3 },
        solver: { name: 'greedy', options: { saturationPolicy: 'RoundRobin' } },
      },
    },
    'uncertain parameters': {
      summary:
        'Parameters with the errors that /tune answers, and targets that hold all the same, 95 times in 100',
      value: {
        ...fleet,
        capacity: { A100: 16, G2: 16 },
        models: [{ name: 'granite_13b', profiles: estimated }],
        confidence: 0.95,
      },
    },
  },
  '/analyze': {
    'a curve': {
      summary: 'A range of rates',
      value: { station, requestsPerSec: { from: 0.1, to: 1.5, points: 15 } },
    },
    'one rate': { summary: 'One rate', value: { station, requestsPerSec: 0.6 } },
  },
  '/compare': {
    'three solvers': {
      summary: 'The fleet with scarce cards, by three solvers',
      value: {
        ...fleet,
        capacity: { A100: 1, G2: 3 },
        runs: [{ solver: 'greedy' }, { solver: 'auto' }, { solver: 'unlimited' }],
      },
    },
  },
  '/minimum-cards': {
    'a curve': {
      summary: 'The cheapest cards for half the load, the load and twice the load',
      value: { ...fleet, prices: { A100: 40, G2: 23 }, sweep: { loadFactor: [0.5, 1, 2] } },
    },
    'one type': { summary: 'The fewest cards of a type', value: { ...fleet, type: 'G2' } },
  },
  '/size': {
    targets: {
      summary: 'TTFT and ITL',
      value: { station, targets: { ttftMs: 1000, itlMs: 40 }, requestsPerSec: 4 },
    },
    unreachable: { summary: 'A target that cannot be reached', value: { station, targets: { itlMs: 20 } } },
    extrapolated: {
      summary: 'Outputs twice as long as any that was measured',
      value: {
        station: {
          ...station,
          observedRange: { outputTokens: { from: 64, to: 512 }, inService: { from: 1, to: 24 } },
        },
        targets: { ttftMs: 1000, itlMs: 40 },
      },
    },
  },
  '/concurrency': {
    targets: {
      summary: 'A ceiling of 256',
      value: { station: { ...station, maxBatchSize: 256 }, targets: { itlMs: 80, ttftMs: 2000 } },
    },
  },
  '/simulate': {
    'a station': {
      summary: 'Two replicas, arrivals in bursts',
      value: {
        station,
        replicas: 2,
        requestsPerSec: 0.5,
        arrivals: { kind: 'gamma', cv: 2 },
        precisionFraction: 0.1,
      },
    },
    'replicas that change': {
      summary: 'A rate that doubles, and a replica that starts too late',
      value: {
        station,
        arrivals: {
          kind: 'rates',
          rates: [
            { fromSec: 0, requestsPerSec: 0.25 },
            { fromSec: 300, requestsPerSec: 0.5 },
          ],
        },
        changes: [{ atSec: 420, action: 'start', replicas: 1 }],
        seconds: 900,
      },
    },
    'a plan': {
      summary:
        'A fleet, planned and then simulated, with requests of one length as the queue model takes them',
      value: { fleet, lengths: { kind: 'constant' }, requests: 5000, precisionFraction: 0.1 },
    },
  },
  '/tune': {
    'a seed and six observations': {
      summary: 'Parameters from a data sheet, and what one replica did',
      value: {
        items: [
          {
            model: 'granite_13b',
            variant: 'A100',
            seed: { alphaMs: 15, betaMsPerToken: 0.05, gammaMsPerToken2: 0.001 },
            observations,
          },
        ],
      },
    },
    'no seed': {
      summary: 'One observation, nothing known before',
      value: { items: [{ model: 'granite_13b', variant: 'A100', observations: observations.slice(0, 1) }] },
    },
  },
  '/fit': {
    observations: {
      summary: 'What one replica did at six loads',
      value: { observations },
    },
    'a report': {
      summary: "GuideLLM's flat records of one sweep, and how the replica was configured",
      value: { reports: [records], station: { maxBatchSize: 128, maxBatchTokens: 8192 } },
    },
  },
  ...INFERNO_EXAMPLES,
};
