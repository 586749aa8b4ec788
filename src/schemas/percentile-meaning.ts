import { Faults, isObject, type Json } from './fault-list.ts';
import type { InputFault } from './faults.ts';
import type { StationStrategy } from './plug-in.ts';

/** Each percentile with its target. */
const PERCENTILES = [
  ['ttftPercentile', 'ttftMs'],
  ['itlPercentile', 'itlMs'],
] as const;

/**
 * Faults of the percentiles that targets name, of a station or of the classes of a fleet: one without its target says nothing, and a
 * queue model that knows means alone cannot answer it. One of measured rates can: they were found within the targets, whatever these are.
 */
export function percentileCheck(
  queueModels: ReadonlyMap<string, StationStrategy>,
): (value: unknown) => InputFault[] {
  const telling = [...queueModels.values()].filter(({ tellsPercentiles }) => tellsPercentiles);
  return (value) => {
    const faults = new Faults();
    if (!isObject(value)) return [];
    const untold = choicesOf(value).flatMap((name) => {
      const { reads, tellsPercentiles } = queueModels.get(name) ?? { tellsPercentiles: true };
      return tellsPercentiles || reads === 'throughput' ? [] : [name];
    });
    for (const { targets, path } of targetsOf(value)) {
      for (const [percentile, target] of PERCENTILES) {
        if (targets[percentile] === undefined) continue;
        if (!targets[target]) {
          faults.add(`${path}/${percentile}`, `says for whom ${target} is to hold: give ${target} as well`);
        }
        for (const name of new Set(untold)) {
          const models = telling.map((model) => model.name).join(', ');
          faults.add(
            `${path}/${percentile}`,
            `cannot be told by the queue model ${name}, which knows means alone; of percentiles ${models} tell`,
          );
        }
      }
    }
    return faults.found;
  };
}

/** The queue models that a request names, of its own or for its runs. */
function choicesOf({ queueModel, runs }: Json): string[] {
  const ofRuns: unknown[] = Array.isArray(runs) ? runs.map((run) => isObject(run) && run.queueModel) : [];
  return [queueModel, ...ofRuns]
    .map((choice) => (isObject(choice) ? choice.name : choice))
    .filter((name) => typeof name === 'string');
}

function targetsOf({ targets, serviceClasses }: Json): { targets: Json; path: string }[] {
  const own = isObject(targets) ? [{ targets, path: '/targets' }] : [];
  const ofClasses = (Array.isArray(serviceClasses) ? serviceClasses : []).flatMap((entry: unknown, i) => {
    const list: unknown[] = isObject(entry) && Array.isArray(entry.targets) ? entry.targets : [];
    return list.flatMap((one, j) =>
      isObject(one) ? [{ targets: one, path: `/serviceClasses/${i}/targets/${j}` }] : [],
    );
  });
  return [...own, ...ofClasses];
}
