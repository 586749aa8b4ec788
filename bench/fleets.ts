import type { Fleet } from '../src/schemas/fleet.ts';

/**
 * A fleet of servers with distinct loads and tokens on 12 accelerators, batch limits up to 2,048 and waiting rooms up to 500, with
 * cards for all. The same size gives the same fleet.
 */
export function fleetOf(servers: number): Fleet {
  const random = generator(servers);
  const models = Array.from({ length: 10 }, (_, model) => ({
    name: `model-${model}`,
    profiles: Array.from({ length: 12 }, (_, i) => ({
      accelerator: `accelerator-${i}`,
      maxBatchSize: [64, 128, 256, 512][i % 4],
      atTokens: 512,
      serviceTime: {
        alphaMs: 5 + model + i,
        betaMsPerToken: 0.02 + 0.001 * i,
        gammaMsPerToken2: 5e-5,
      },
    })),
  }));
  return {
    accelerators: Array.from({ length: 12 }, (_, i) => ({
      name: `accelerator-${i}`,
      type: `type-${i % 6}`,
      costPerHour: 10 + 5 * i,
    })),
    capacity: Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`type-${i}`, 30 * servers])),
    models,
    serviceClasses: [
      {
        name: 'class',
        priority: 1,
        targets: models.map(({ name }) => ({ model: name, ttftMs: 1000, itlMs: 80 })),
      },
    ],
    servers: Array.from({ length: servers }, (_, i) => ({
      name: `server-${i}`,
      serviceClass: 'class',
      model: `model-${i % 10}`,
      load: {
        requestsPerSec: 1 + 50 * random(),
        inputTokens: Math.round(64 + 1000 * random()),
        outputTokens: Math.round(128 + 800 * random()),
      },
      maxQueueLength: Math.round(500 * random()),
    })),
  };
}

/** Lehmer's generator: enough to scatter a fleet, the same everywhere. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
