import { batchLimit } from '../src/optimizer/batch-limit.ts';
import { resolveServers } from '../src/optimizer/catalog.ts';
import type { Fleet, Targets } from '../src/schemas/fleet.ts';
import type { Station } from '../src/schemas/station.ts';

export interface Sizing {
  readonly station: Station;
  readonly targets: Targets;
}

/** Every sizing problem that the candidates of a fleet pose. */
export function sizingsOf(fleet: Fleet): Sizing[] {
  return resolveServers(fleet).flatMap(({ server, load, targets, variants }) =>
    variants.map(({ profile }) => {
      const { inputTokens, outputTokens } = load!;
      const { maxBatchSize } = batchLimit(server, profile, inputTokens, outputTokens)!;
      const maxQueueLength = server.maxQueueLength ?? 0;
      const serviceTime = profile.serviceTime!;
      return {
        station: { serviceTime, maxBatchSize, maxQueueLength, inputTokens, outputTokens },
        targets,
      };
    }),
  );
}

/** Two single problems: a batch that waits, and a large one that does not. */
export const SINGLE_SIZINGS: readonly Sizing[] = [
  { maxBatchSize: 64, itlMs: 12 },
  { maxBatchSize: 2_048, itlMs: 60 },
].map(({ maxBatchSize, itlMs }) => ({
  station: {
    serviceTime: { alphaMs: 6.58, betaMsPerToken: 0.0193, gammaMsPerToken2: 5.46e-5 },
    maxBatchSize,
    maxQueueLength: 500,
    inputTokens: 256,
    outputTokens: 128,
  },
  targets: { ttftMs: 500, itlMs },
}));
