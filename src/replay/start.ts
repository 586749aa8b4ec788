import { loadOf } from '../optimizer/load.ts';
import type { PlannedLoad } from './planner.ts';
import type { PolicySetting, Wish } from './policy.ts';
import type { ReplayedServer } from './replayed-server.ts';

/** Of what runs without a batch limit that anybody told. */
const DEFAULT_BATCH = 256;

/** What runs when the replay begins: what runs by the fleet's file; servers that run nothing there begin with a plan. */
export function begin({ servers, planner, settings, endMs }: PolicySetting): Wish[] {
  const stands = servers.map(({ server, variants }): Wish => {
    const running = (server.current ?? []).filter(({ replicas }) => replicas > 0);
    return running.map(({ variant, replicas, maxBatchSize }) => ({
      variant,
      replicas,
      maxBatchSize: maxBatchSize ?? variants.get(variant)?.profile.maxBatchSize ?? DEFAULT_BATCH,
    }));
  });
  if (stands.every((wish) => wish.length > 0)) return stands;
  const planned =
    settings.begin === 'file'
      ? planner.planAsItStands()
      : planner.plan(
          servers.map((server) => meanLoad(server, endMs)),
          servers.map(() => []),
        );
  return stands.map((wish, i) => (wish.length > 0 ? wish : planned[i]));
}

/** The mean load of all that a server will be offered. */
export function meanLoad(server: ReplayedServer, endMs: number): PlannedLoad {
  const { requests, inputTokens, outputTokens } = server.workload.between(0, endMs);
  return requests > 0
    ? { requestsPerSec: (1000 * requests) / endMs, inputTokens, outputTokens }
    : noLoad(server);
}

/** No requests, of the sizes of the file. */
export function noLoad({ server }: ReplayedServer): PlannedLoad {
  const load = loadOf(server);
  return { requestsPerSec: 0, inputTokens: load?.inputTokens ?? 0, outputTokens: load?.outputTokens ?? 0 };
}
