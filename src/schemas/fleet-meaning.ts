import { checkCapacity, checkQuotas } from './capacity-meaning.ts';
import { Faults, isNumber, isObject, isText, type Json } from './fault-list.ts';
import type { InputFault } from './faults.ts';
import { checkLoad, checkRate, checkWhose, classesOf } from './load-meaning.ts';
import { checkObservedRange } from './observed-range-meaning.ts';
import { checkServiceTime, checkThroughput } from './station-meaning.ts';
import { suggestion } from './suggestion.ts';
import { checkUncertainty } from './uncertainty-meaning.ts';

// What a schema cannot say: names that exist once, references that lead somewhere, values that fit each other. These checks
// run on input that the schema may have refused as well, so that all faults are named at once: they trust no shape.

/** Faults of meaning of a fleet, whatever its shape. */
export function fleetFaults(fleet: unknown): InputFault[] {
  const faults = new Faults();
  if (!isObject(fleet)) return [];
  const accelerators = namedEntries(fleet.accelerators, '/accelerators', 'accelerator', faults);
  const models = namedEntries(fleet.models, '/models', 'model', faults);
  const classes = namedEntries(fleet.serviceClasses, '/serviceClasses', 'service class', faults);
  const servers = namedEntries(fleet.servers, '/servers', 'server', faults);

  for (const { entry, path } of accelerators.entries) checkPower(entry.power, `${path}/power`, faults);
  const types = accelerators.entries.map(({ entry }) => entry.type).filter(isText);
  checkCapacity(fleet.capacity, types, faults);
  checkQuotas(
    fleet.quotas,
    { classes: classes.names, servers: servers.names, types: [...new Set(types)] },
    faults,
  );
  const variants = new Map(
    models.entries.map(({ entry, path, name }) => [
      name,
      checkProfiles(entry.profiles, `${path}/profiles`, accelerators.names, faults),
    ]),
  );
  const targets = new Map(
    classes.entries.map(({ entry, path, name }) => [
      name,
      { path, models: targetModels(entry.targets, `${path}/targets`, models.names, faults) },
    ]),
  );

  for (const { entry, path } of servers.entries) {
    const { model } = entry;
    if (isText(model) && !variants.has(model))
      faults.dangling(`${path}/model`, 'the model', model, models.names);
    checkWhose(entry, path, faults);
    for (const { serviceClass, at } of classesOf(entry, path)) {
      if (!targets.has(serviceClass)) faults.dangling(at, 'the service class', serviceClass, classes.names);
      const ofClass = targets.get(serviceClass);
      if (ofClass && isText(model) && variants.has(model) && !ofClass.models.has(model)) {
        const text = `has no targets for model ${JSON.stringify(model)}: add an entry to ${ofClass.path}/targets`;
        const near = suggestion(model, [...ofClass.models]);
        const hint = near ? ` (it has some for another: ${near})` : '';
        faults.add(at, `the class ${JSON.stringify(serviceClass)} ${text}${hint}`);
      }
    }
    checkLoad(entry.load, `${path}/load`, faults);
    for (const [i, load] of (Array.isArray(entry.loads) ? entry.loads : []).entries()) {
      checkRate(load, `${path}/loads/${i}`, faults);
    }
    checkCurrent(entry.current, `${path}/current`, isText(model) ? variants.get(model) : undefined, faults);
    const { minReplicas = 1, maxReplicas } = entry;
    if (isNumber(minReplicas) && isNumber(maxReplicas) && minReplicas > maxReplicas) {
      faults.add(`${path}/maxReplicas`, `must be at least minReplicas, ${minReplicas}; it is ${maxReplicas}`);
    }
  }
  return faults.found;
}

interface Entry {
  readonly entry: Json;
  readonly path: string;
  readonly name: string;
}

/** The entries of a list that have a name, with those that share one complained of. */
function namedEntries(list: unknown, path: string, what: string, faults: Faults) {
  const entries = entriesOf(list, path, ({ name }) => name);
  complainOfDuplicates(entries, 'name', what, faults);
  return { entries, names: entries.map(({ name }) => name) };
}

function entriesOf(list: unknown, path: string, nameOf: (entry: Json) => unknown): Entry[] {
  const entries: Entry[] = [];
  if (!Array.isArray(list)) return entries;
  for (let i = 0; i < list.length; i++) {
    const entry: unknown = list[i];
    const name = isObject(entry) ? nameOf(entry) : undefined;
    if (isText(name)) entries.push({ entry: entry as Json, path: `${path}/${i}`, name });
  }
  return entries;
}

function complainOfDuplicates(entries: readonly Entry[], field: string, what: string, faults: Faults): void {
  const first = new Map<string, string>();
  for (const { path, name } of entries) {
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, path);
    else faults.add(`${path}/${field}`, `repeats the ${what} ${JSON.stringify(name)} of ${earlier}`);
  }
}

function checkPower(power: unknown, path: string, faults: Faults): void {
  if (!isObject(power)) return;
  const { idleWatts, fullWatts, midWatts } = power;
  if (isNumber(idleWatts) && isNumber(fullWatts) && fullWatts < idleWatts) {
    faults.add(`${path}/fullWatts`, `must be at least idleWatts, ${idleWatts}; it is ${fullWatts}`);
  } else if (
    isNumber(midWatts) &&
    isNumber(idleWatts) &&
    isNumber(fullWatts) &&
    (midWatts < idleWatts || midWatts > fullWatts)
  ) {
    faults.add(
      `${path}/midWatts`,
      `must be from idleWatts to fullWatts, ${idleWatts} to ${fullWatts}; it is ${midWatts}`,
    );
  }
}

/** @returns the names of the variants */
function checkProfiles(
  profiles: unknown,
  path: string,
  accelerators: readonly string[],
  faults: Faults,
): Set<string> {
  const known = new Set(accelerators);
  const entries = entriesOf(profiles, path, ({ variant, accelerator }) => variant ?? accelerator);
  for (const { entry, path: at } of entries) {
    checkServiceTime(entry.serviceTime, `${at}/serviceTime`, faults);
    checkThroughput(entry.throughput, `${at}/throughput`, faults);
    checkUncertainty(entry, at, faults);
    if (isObject(entry.observedRange) && entry.serviceTime === undefined) {
      faults.add(`${at}/observedRange`, 'says nothing without serviceTime');
    }
    checkObservedRange(entry.observedRange, `${at}/observedRange`, faults);
    if (isText(entry.accelerator) && !known.has(entry.accelerator)) {
      faults.dangling(`${at}/accelerator`, 'the accelerator', entry.accelerator, accelerators);
    }
  }
  complainOfDuplicates(entries, 'variant', 'variant', faults);
  return new Set(entries.map(({ name }) => name));
}

/**
 * A class may have targets for models that this fleet does not serve, but not for one that is all but named like one of its.
 *
 * @returns the names of the models that have targets
 */
function targetModels(
  targets: unknown,
  path: string,
  models: readonly string[],
  faults: Faults,
): Set<string> {
  const entries = entriesOf(targets, path, ({ model }) => model);
  complainOfDuplicates(entries, 'model', 'model', faults);
  const named = new Set(entries.map(({ name }) => name));
  const untargeted = models.filter((model) => !named.has(model));
  const known = new Set(models);
  for (const { name, path: at } of entries) {
    if (!known.has(name) && faults.isNear(name, untargeted)) {
      faults.dangling(`${at}/model`, 'the model', name, untargeted);
    }
  }
  return named;
}

function checkCurrent(
  current: unknown,
  path: string,
  variants: ReadonlySet<string> | undefined,
  faults: Faults,
): void {
  const entries = entriesOf(current, path, ({ variant }) => variant);
  complainOfDuplicates(entries, 'variant', 'variant', faults);
  for (const { entry, path: at, name } of entries) {
    if (variants && !variants.has(name) && entry.costPerHour === undefined) {
      faults.dangling(
        `${at}/variant`,
        'the variant',
        name,
        [...variants],
        '; give costPerHour if its profile has been removed',
      );
    }
    const { replicas, startingReplicas } = entry;
    if (isNumber(replicas) && isNumber(startingReplicas) && startingReplicas > replicas) {
      faults.add(
        `${at}/startingReplicas`,
        `must be at most replicas, ${replicas}; it is ${startingReplicas}`,
      );
    }
  }
}
