import { batchLimit } from '../optimizer/batch-limit.ts';
import { loadOf } from '../optimizer/load.ts';
import type { Chosen } from '../optimizer/optimize.ts';
import type { QueueModel } from '../queueing/queue-model.ts';
import { DEFAULT_MAX_BATCH_TOKENS } from '../queueing/service-law.ts';
import { chosen, type Registry } from '../registry.ts';
import type { OptimizeRequest } from '../schemas/plan.ts';
import { defaultSolver } from './optimize-request.ts';
import { queueModelOfFleet } from './queue-model-choice.ts';

// How long a request will take, in sizings of a closed-form station: told from its numbers before anything is solved. Right within a
// small factor, on the safe side; the benchmark holds it against the clock.

/** Sizings that a search for a batch limit takes. */
export const PER_SEARCH = 16;
/** States that take as long to sum, where the chunk count changes with the batch, as one closed form. */
const STATES_PER_SIZING = 20;
/** Sizings that it takes to find the unfavourable ends of parameters that are uncertain, and to size there; more where latencies jump. */
const PER_UNFAVOURABLE_END = 10;
const PER_UNFAVOURABLE_WAY = 40;

/** One sizing of a station, or the search for its batch limit. */
export function stationEffort(
  maxBatchSize: number,
  { inputTokens, outputTokens, cachedInputTokens = 0 }: Tokens,
  maxBatchTokens = DEFAULT_MAX_BATCH_TOKENS,
  isSearched = false,
): number {
  const computed = inputTokens - cachedInputTokens;
  // One chunk of prefill does for a batch of (1 + m)·(C - L_u)/(L_u + m); with more the states are summed.
  const isSummed =
    maxBatchSize * (computed + outputTokens) > (1 + outputTokens) * (maxBatchTokens - computed);
  return (isSummed ? 1 + maxBatchSize / STATES_PER_SIZING : 1) * (isSearched ? PER_SEARCH : 1);
}

interface Tokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens?: number | undefined;
}

/** How much longer than the closed form a queue model takes; Infinity: it makes no promise. */
export function queueModelFactor({ strategy }: Chosen<QueueModel>): number {
  return strategy.isLight ? 1 : Number.POSITIVE_INFINITY;
}

/** The candidates of all servers; counting ends once there is more than `enough`. */
export function optimizeEffort(request: OptimizeRequest, registry: Registry, enough: number): number {
  const { strategy } = chosen(registry.solvers, request.solver, defaultSolver(request));
  const factor = queueModelFactor(queueModelOfFleet(request, registry));
  if (!(strategy.isLight || strategy.solveLightly) || factor === Number.POSITIVE_INFINITY)
    return Number.POSITIVE_INFINITY;
  const profilesOf = new Map(request.models.map(({ name, profiles }) => [name, profiles]));
  let effort = 0;
  for (const server of request.servers) {
    const load = loadOf(server);
    effort++;
    if (!load || load.outputTokens === 0) continue;
    for (const profile of profilesOf.get(server.model) ?? []) {
      const rule = batchLimit(server, profile, load.inputTokens, load.outputTokens);
      if (!rule) continue;
      effort += factor * stationEffort(rule.maxBatchSize, load, profile.maxBatchTokens, rule.isCeiling);
      if (request.confidence !== undefined && profile.standardErrors) {
        const once = stationEffort(rule.maxBatchSize, load, profile.maxBatchTokens);
        effort += factor * once * (once > 1 ? PER_UNFAVOURABLE_WAY : PER_UNFAVOURABLE_END);
      }
    }
    if (effort > enough) break;
  }
  return effort;
}
