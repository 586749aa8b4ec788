import { type Faults, isNumber, isObject, isText, type Json } from './fault-list.ts';
import { LEAST_RATE_PER_SEC } from './quantities.ts';
import { checkCached } from './station-meaning.ts';

// What a schema cannot say of whose load a server has, and how it is told.

/** One class with its load, or several with theirs. */
export function checkWhose({ serviceClass, load, loads }: Json, path: string, faults: Faults): void {
  if (loads === undefined) {
    if (serviceClass === undefined) {
      faults.missing(
        `${path}/serviceClass`,
        'Name of a service class; or loads, where several share the server',
      );
    }
    if (load === undefined) {
      faults.missing(
        `${path}/load`,
        'The load offered, null where it is unknown; or loads, where several classes share the server',
      );
    }
    return;
  }
  for (const [field, value] of Object.entries({ serviceClass, load })) {
    if (value !== undefined) faults.add(`${path}/${field}`, 'must be left out where loads is given');
  }
}

/** The classes that a server names, each with where. */
export function classesOf({ serviceClass, loads }: Json, path: string) {
  const named = isText(serviceClass) ? [{ serviceClass, at: `${path}/serviceClass` }] : [];
  if (!Array.isArray(loads)) return named;
  const several = loads.flatMap((load: unknown, i) =>
    isObject(load) && isText(load.serviceClass)
      ? [{ serviceClass: load.serviceClass, at: `${path}/loads/${i}/serviceClass` }]
      : [],
  );
  return [...named, ...several];
}

const MEANS = [
  ['inputTokens', 'Mean prompt length'],
  ['outputTokens', 'Mean output length'],
] as const;

/** How far the shares of a histogram may be from 1 together: rounded figures. */
const SHARE_TOLERANCE = 0.01;

export function checkLoad(load: unknown, path: string, faults: Faults): void {
  if (!isObject(load)) return;
  checkRate(load, path, faults);
  const { sizes } = load;
  if (sizes === undefined) {
    for (const [field, what] of MEANS) {
      if (load[field] === undefined) faults.missing(`${path}/${field}`, `${what}; or sizes, a histogram`);
    }
    return;
  }
  for (const field of ['inputTokens', 'outputTokens', 'cachedInputTokens']) {
    if (load[field] !== undefined) {
      faults.add(`${path}/${field}`, 'must be left out where sizes is given: it tells the means');
    }
  }
  if (!Array.isArray(sizes)) return;
  for (const [i, size] of sizes.entries()) {
    if (isObject(size)) checkCached(size, `${path}/sizes/${i}`, faults);
  }
  const shares = sizes.map((size: unknown) =>
    isObject(size) && isNumber(size.share) ? size.share : Number.NaN,
  );
  const sum = shares.reduce((total, share) => total + share, 0);
  if (Math.abs(sum - 1) > SHARE_TOLERANCE) {
    faults.add(
      `${path}/sizes`,
      `must have shares that add up to 1; they add up to ${Number(sum.toPrecision(6))}`,
    );
  }
}

export function checkRate(load: unknown, path: string, faults: Faults): void {
  if (!isObject(load)) return;
  checkCached(load, path, faults);
  faults.zeroOrAtLeast(`${path}/requestsPerSec`, load.requestsPerSec, LEAST_RATE_PER_SEC);
  if (isNumber(load.outputTokens) && load.outputTokens > 0 && load.outputTokens < 1) {
    faults.add(`${path}/outputTokens`, `must be 0 (no load) or at least 1; it is ${load.outputTokens}`);
  }
}
