import type { Model, Profile } from '../schemas/model.ts';
import type { Tuned } from '../schemas/tune.ts';

/**
 * What is known of variants, as the `models` of a fleet file has it; each stands for an accelerator of its own name. Those whose
 * observations do not tell their parameters apart yet are left out: a fleet would be planned by their seed or a guess.
 */
export function tunedModels(items: readonly Tuned[]): { models: Model[]; leftOut: Tuned[] } {
  const models = new Map<string, Profile[]>();
  const leftOut: Tuned[] = [];
  for (const item of items) {
    const { model, variant, status, serviceTime, standardErrors, correlations, observedRange } = item;
    if (status === 'collecting' || !serviceTime || model === null || variant === null) {
      leftOut.push(item);
      continue;
    }
    const profile: Profile = {
      accelerator: variant,
      serviceTime,
      ...(standardErrors && { standardErrors }),
      ...(correlations && { correlations }),
      ...(observedRange && { observedRange }),
    };
    models.set(model, [...(models.get(model) ?? []), profile]);
  }
  return { models: [...models].map(([name, profiles]) => ({ name, profiles })), leftOut };
}
