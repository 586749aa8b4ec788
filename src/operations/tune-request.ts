import { chosen, type Registry } from '../registry.ts';
import type { Fault } from '../schemas/problem.ts';
import type { TuneAnswer, Tuned, TuneRequest } from '../schemas/tune.ts';
import { itemFaults } from '../schemas/tune-meaning.ts';
import { type CommonOptions, DEFAULT_ESTIMATOR } from '../tuner/estimator.ts';
import { Expectation } from '../tuner/expectation.ts';
import { type Chosen, tuneItem } from '../tuner/tune.ts';
import { DEFAULT_QUEUE_MODEL } from './queue-model-choice.ts';

/** Loads what the estimator computes with. */
export async function loadForTuning(
  { estimator }: Pick<TuneRequest, 'estimator'>,
  registry: Registry,
): Promise<void> {
  await chosen(registry.estimators, estimator, DEFAULT_ESTIMATOR).strategy.load?.();
}

/**
 * Tunes each item by itself; one that cannot be read is answered so, and leaves the others alone.
 *
 * @param progress called with the share that is done, 0 … 1
 */
export function tuneRequest(
  { items, estimator, queueModel }: TuneRequest,
  registry: Registry,
  progress: (share: number) => void = () => {},
): TuneAnswer {
  const { strategy, options } = chosen(registry.estimators, estimator, DEFAULT_ESTIMATOR);
  const model = chosen(registry.queueModels, queueModel, DEFAULT_QUEUE_MODEL);
  const how: Chosen = { strategy, options: options as Chosen['options'] & CommonOptions };
  const expectation = new Expectation(model.strategy, model.options as Record<string, unknown>);
  return {
    items: items.map((item, i) => {
      progress(i / items.length);
      const { faults, item: valid } = itemFaults(item);
      return valid ? tuneItem(valid, how, expectation) : invalid(item, faults);
    }),
  };
}

/** An item that cannot be read keeps the state that came with it. */
function invalid(item: unknown, faults: readonly Fault[]): Tuned {
  const { model, variant, state } = (typeof item === 'object' && item !== null ? item : {}) as Record<
    string,
    unknown
  >;
  return {
    model: typeof model === 'string' ? model : null,
    variant: typeof variant === 'string' ? variant : null,
    status: 'invalid',
    serviceTime: null,
    standardErrors: null,
    correlations: null,
    observedRange: null,
    state: state ?? null,
    observations: [],
    diagnostics: null,
    calibration: null,
    faults: [...faults],
  };
}
