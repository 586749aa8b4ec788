import type { QueueModel } from '../queueing/queue-model.ts';
import type { Profile } from '../schemas/model.ts';
import type { Uncertainty } from '../schemas/uncertainty.ts';
import { compareText, type ResolvedServer } from './catalog.ts';

/** What a confidence covers: a variant that does not tell how sure it is looks better than one that does. */
export function uncertaintyOf(
  confidence: number,
  servers: readonly ResolvedServer[],
  { reads }: QueueModel,
): Uncertainty {
  const variantsOf = new Map(servers.map(({ server, variants }) => [server.model, variants]));
  const isTaken = ({ serviceTime, throughput, standardErrors }: Profile) =>
    reads === 'throughput' ? throughput !== undefined : serviceTime !== undefined && !standardErrors;
  const takenAsTheyAre = [...variantsOf]
    .flatMap(([model, variants]) =>
      variants.filter(({ profile }) => isTaken(profile)).map(({ name }) => ({ model, variant: name })),
    )
    .sort((a, b) => compareText(a.model, b.model) || compareText(a.variant, b.variant));
  return { confidence, takenAsTheyAre };
}
