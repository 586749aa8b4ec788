import type { Model, Profile } from '../schemas/model.ts';
import type { Tuned } from '../schemas/tune.ts';

/** What is known of variants, as the `models` of a fleet file has it; each stands for an accelerator of its own name. */
export function tunedModels(items: readonly Tuned[]): Model[] {
  const models = new Map<string, Profile[]>();
  for (const { model, variant, serviceTime, standardErrors, correlations, observedRange } of items) {
    if (!serviceTime || model === null || variant === null) continue;
    const profile: Profile = {
      accelerator: variant,
      serviceTime,
      ...(standardErrors && { standardErrors }),
      ...(correlations && { correlations }),
      ...(observedRange && { observedRange }),
    };
    models.set(model, [...(models.get(model) ?? []), profile]);
  }
  return [...models].map(([name, profiles]) => ({ name, profiles }));
}
