import type { Chosen } from '../optimizer/optimize.ts';
import { namesPercentile } from '../queueing/percentile-view.ts';
import type { QueueModel } from '../queueing/queue-model.ts';
import { chosen, type Registry } from '../registry.ts';
import type { Targets } from '../schemas/fleet.ts';
import type { OptimizeRequest } from '../schemas/plan.ts';
import type { StrategyChoice } from '../schemas/strategy.ts';

export const DEFAULT_QUEUE_MODEL = 'state-dependent';
/** What answers for targets at percentiles that name no model: the chain of the default does not see what makes the tails. */
export const PERCENTILE_QUEUE_MODEL = 'iteration';

/** The queue model of a request, which may name none. */
export function queueModelFor(
  choice: StrategyChoice | undefined,
  targets: readonly Targets[],
  registry: Registry,
): Chosen<QueueModel> {
  return chosen(registry.queueModels, choice, defaultQueueModel(targets.some(namesPercentile)));
}

/** The same of a fleet. */
export function queueModelOfFleet(
  { queueModel, serviceClasses }: Pick<OptimizeRequest, 'queueModel' | 'serviceClasses'>,
  registry: Registry,
): Chosen<QueueModel> {
  const atPercentile =
    queueModel === undefined && serviceClasses.some(({ targets }) => targets.some(namesPercentile));
  return chosen(registry.queueModels, queueModel, defaultQueueModel(atPercentile));
}

function defaultQueueModel(atPercentile: boolean): string {
  return atPercentile ? PERCENTILE_QUEUE_MODEL : DEFAULT_QUEUE_MODEL;
}
