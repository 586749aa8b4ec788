import { type InputFault, MAX_FAULTS, pointerToken } from './faults.ts';
import { LEAST_RATE_PER_SEC } from './quantities.ts';
import { suggestion } from './suggestion.ts';

// What a schema cannot say: names that exist once, references that lead somewhere, values that fit each other. These checks
// run on input that the schema may have refused as well, so that all faults are named at once: they trust no shape.

type Json = Record<string, unknown>;

/** Near names cost time that grows with both lists; beyond this many no suggestion is looked up. */
const MAX_SUGGESTIONS = 20;
const MAX_NAMES_SEARCHED = 2_000;

class Faults {
  readonly found: InputFault[] = [];
  #suggestions = 0;

  add(path: string, message: string, kind: InputFault['kind'] = 'meaning'): void {
    if (this.found.length < MAX_FAULTS) this.found.push({ kind, path, message });
  }

  /** A quantity that is 0 or of a size that occurs; less drowns in rounding. */
  zeroOrAtLeast(path: string, value: unknown, least: number): void {
    if (isNumber(value) && value > 0 && value < least) {
      this.add(path, `must be 0 or at least ${least}; it is ${value}`, 'form');
    }
  }

  /** A name that refers to nothing. */
  dangling(path: string, what: string, name: string, known: readonly string[], hint = ''): void {
    const look = this.#suggestions++ < MAX_SUGGESTIONS && known.length <= MAX_NAMES_SEARCHED;
    const near = look ? suggestion(name, known) : undefined;
    this.add(path, `names ${what} ${JSON.stringify(name)}, which does not exist${near ? `; ${near}` : hint}`);
  }
}

/** Faults of meaning of a fleet, whatever its shape. */
export function fleetFaults(fleet: unknown): InputFault[] {
  const faults = new Faults();
  if (!isObject(fleet)) return [];
  const accelerators = namedEntries(fleet.accelerators, '/accelerators', 'accelerator', faults);
  const models = namedEntries(fleet.models, '/models', 'model', faults);
  const classes = namedEntries(fleet.serviceClasses, '/serviceClasses', 'service class', faults);
  const servers = namedEntries(fleet.servers, '/servers', 'server', faults);

  for (const { entry, path } of accelerators.entries) checkPower(entry.power, `${path}/power`, faults);
  checkCapacity(fleet.capacity, accelerators.entries.map(({ entry }) => entry.type).filter(isText), faults);
  const variants = new Map(
    models.entries.map(({ entry, path, name }) => [
      name,
      checkProfiles(entry.profiles, `${path}/profiles`, accelerators.names, faults),
    ]),
  );
  const targets = new Map(
    classes.entries.map(({ entry, path, name }) => [
      name,
      { path, models: targetModels(entry.targets, `${path}/targets`, faults) },
    ]),
  );

  for (const { entry, path } of servers.entries) {
    const { serviceClass, model } = entry;
    if (isText(serviceClass) && !targets.has(serviceClass)) {
      faults.dangling(`${path}/serviceClass`, 'the service class', serviceClass, classes.names);
    }
    if (isText(model) && !variants.has(model))
      faults.dangling(`${path}/model`, 'the model', model, models.names);
    const ofClass = isText(serviceClass) ? targets.get(serviceClass) : undefined;
    if (ofClass && isText(model) && variants.has(model) && !ofClass.models.has(model)) {
      const text = `has no targets for model ${JSON.stringify(model)}: add an entry to ${ofClass.path}/targets`;
      faults.add(`${path}/serviceClass`, `the class ${JSON.stringify(serviceClass)} ${text}`);
    }
    checkLoad(entry.load, `${path}/load`, faults);
    checkCurrent(entry.current, `${path}/current`, isText(model) ? variants.get(model) : undefined, faults);
    const { minReplicas = 1, maxReplicas } = entry;
    if (isNumber(minReplicas) && isNumber(maxReplicas) && minReplicas > maxReplicas) {
      faults.add(`${path}/maxReplicas`, `must be at least minReplicas, ${minReplicas}; it is ${maxReplicas}`);
    }
  }
  return faults.found;
}

/** Faults of meaning of a station. */
export function stationFaults(station: unknown, path: string): InputFault[] {
  const faults = new Faults();
  if (!isObject(station)) return [];
  checkCached(station, path, faults);
  const { serviceTime } = station;
  checkServiceTime(serviceTime, `${path}/serviceTime`, faults);
  if (isObject(serviceTime)) {
    const values = [serviceTime.alphaMs, serviceTime.betaMsPerToken, serviceTime.gammaMsPerToken2];
    if (values.every((value) => value === 0)) {
      faults.add(
        `${path}/serviceTime`,
        'is all zero, so the model is not known yet: one parameter at least must be above 0',
      );
    }
  }
  return faults.found;
}

/** Faults of meaning of the rates of an analysis. */
export function rateFaults(rates: unknown, path: string): InputFault[] {
  const faults = new Faults();
  if (isObject(rates) && isNumber(rates.from) && isNumber(rates.to) && rates.from > rates.to) {
    faults.add(`${path}/to`, `must be at least from, ${rates.from}; it is ${rates.to}`);
  }
  return faults.found;
}

/** The fault of a strategy's name that is none of the known. */
export function unknownStrategy(
  path: string,
  what: string,
  name: string,
  known: readonly string[],
): InputFault {
  const faults = new Faults();
  faults.dangling(path, what, name, known, `; there are ${known.join(', ')}`);
  return faults.found[0];
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
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry, i) => {
    const name = isObject(entry) ? nameOf(entry) : undefined;
    return isText(name) ? [{ entry, path: `${path}/${i}`, name }] : [];
  });
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

/**
 * A misspelt type would leave the type that was meant without a limit. Types that differ in a letter or a digit may both exist
 * (L40 and L40S, H100 and H200), so only other cases, separators and O for 0 count as misspelt.
 */
function checkCapacity(capacity: unknown, types: readonly string[], faults: Faults): void {
  if (!isObject(capacity)) return;
  const spelling = (type: string) =>
    type
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]/gu, '')
      .replaceAll('o', '0');
  const known = new Set(types);
  const unlimited = new Map(
    types.filter((type) => !Object.hasOwn(capacity, type)).map((type) => [spelling(type), type]),
  );
  for (const type of Object.keys(capacity)) {
    const path = `/capacity/${pointerToken(type)}`;
    if (type === '') faults.add(path, 'the name of a card type must not be empty', 'form');
    else if (type.length > 253)
      faults.add(path, 'the name of a card type must have at most 253 characters', 'form');
    else if (/\p{Cc}/u.test(type))
      faults.add(path, 'the name of a card type must not hold control characters', 'form');
    const meant = known.has(type) ? undefined : unlimited.get(spelling(type));
    if (meant === undefined) continue;
    const message = `is a card type that no accelerator has; did you mean ${JSON.stringify(meant)}?`;
    faults.add(path, message);
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
    if (isText(entry.accelerator) && !known.has(entry.accelerator)) {
      faults.dangling(`${at}/accelerator`, 'the accelerator', entry.accelerator, accelerators);
    }
  }
  complainOfDuplicates(entries, 'variant', 'variant', faults);
  return new Set(entries.map(({ name }) => name));
}

/** @returns the names of the models that have targets */
function targetModels(targets: unknown, path: string, faults: Faults): Set<string> {
  const entries = entriesOf(targets, path, ({ model }) => model);
  complainOfDuplicates(entries, 'model', 'model', faults);
  return new Set(entries.map(({ name }) => name));
}

/** Parameters below this have no effect that a double can hold. */
const LEAST_PARAMETER = 1e-12;

function checkServiceTime(serviceTime: unknown, path: string, faults: Faults): void {
  if (!isObject(serviceTime)) return;
  for (const [name, value] of Object.entries(serviceTime).slice(0, 10)) {
    faults.zeroOrAtLeast(`${path}/${pointerToken(name)}`, value, LEAST_PARAMETER);
  }
}

function checkLoad(load: unknown, path: string, faults: Faults): void {
  if (!isObject(load)) return;
  checkCached(load, path, faults);
  faults.zeroOrAtLeast(`${path}/requestsPerSec`, load.requestsPerSec, LEAST_RATE_PER_SEC);
  if (isNumber(load.outputTokens) && load.outputTokens > 0 && load.outputTokens < 1) {
    faults.add(`${path}/outputTokens`, `must be 0 (no load) or at least 1; it is ${load.outputTokens}`);
  }
}

function checkCached({ inputTokens, cachedInputTokens }: Json, path: string, faults: Faults): void {
  if (isNumber(inputTokens) && isNumber(cachedInputTokens) && cachedInputTokens > inputTokens) {
    faults.add(
      `${path}/cachedInputTokens`,
      `must be at most inputTokens, ${inputTokens}; it is ${cachedInputTokens}`,
    );
  }
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

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
