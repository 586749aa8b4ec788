import { Faults, isNumber, isObject, isText, type Json } from './fault-list.ts';
import type { InputFault } from './faults.ts';
import { MOST_REPLICAS } from './simulation.ts';
import { stationFaults } from './station-meaning.ts';

// What a schema cannot say of a simulation: which fields belong together, order in time, and replicas that are there to be stopped.

const OF_STATION = ['station', 'replicas', 'pools', 'changes', 'requestsPerSec'] as const;

/** Faults of meaning of a simulation of a station or pools, and of what is asked of a fleet's; those of the fleet itself are others'. */
export function simulationFaults(request: unknown): InputFault[] {
  const faults = new Faults();
  if (!isObject(request)) return [];
  const { fleet, plan, arrivals } = request;
  checkArrivals(arrivals, faults);
  if (fleet === undefined) {
    if (plan !== undefined) faults.missing('/fleet', 'what the plan is for');
    else checkStations(request, faults);
    return faults.found;
  }
  for (const field of OF_STATION) {
    if (request[field] !== undefined) faults.add(`/${field}`, 'must be left out where fleet is given');
  }
  if (isObject(arrivals) && (arrivals.kind === 'rates' || arrivals.kind === 'trace')) {
    faults.add(
      '/arrivals/kind',
      `must be "poisson", "constant" or "gamma" where fleet is given, whose servers tell their rates; it is "${arrivals.kind}"`,
    );
  }
  return faults.found;
}

function checkStations(request: Json, faults: Faults): void {
  const { station, replicas, pools, changes, requestsPerSec, arrivals } = request;
  const list = Array.isArray(pools) ? pools.filter(isObject) : [];
  if (station === undefined && (list.length === 0 || list.some((pool) => pool.station === undefined))) {
    faults.missing('/station', 'One replica, with its mean request; or pools that each have one, or a fleet');
  }
  faults.found.push(...ofStation(station, '/station'));
  const brings = isObject(arrivals) && (arrivals.kind === 'rates' || arrivals.kind === 'trace');
  if (requestsPerSec === undefined && !brings) {
    faults.missing('/requestsPerSec', 'Mean rate of all replicas together');
  }
  if (pools !== undefined && replicas !== undefined) {
    faults.add('/replicas', 'must be left out where pools is given: each tells its own');
  }
  checkPools(pools, faults);
  const atStart = pools === undefined ? [isNumber(replicas) ? replicas : 1] : list.map(replicasOf);
  checkChanges(changes, namesOf(pools), atStart, faults);
}

/** That a station has no service time its schema says. */
function ofStation(station: unknown, path: string): InputFault[] {
  const at = `${path}/serviceTime`;
  const isAbsent = isObject(station) && station.serviceTime === undefined;
  return stationFaults(station, path).filter((fault) => !isAbsent || fault.path !== at);
}

function checkPools(pools: unknown, faults: Faults): void {
  if (!Array.isArray(pools)) return;
  const shared = pools.filter((pool) => isObject(pool) && pool.share !== undefined).length;
  const first = new Map<string, number>();
  for (const [i, pool] of pools.entries()) {
    if (!isObject(pool)) continue;
    const path = `/pools/${i}`;
    faults.found.push(...ofStation(pool.station, `${path}/station`));
    if (shared > 0 && pool.share === undefined) {
      faults.missing(`${path}/share`, 'other pools tell theirs');
    }
    if (!isText(pool.name)) continue;
    const earlier = first.get(pool.name);
    if (earlier === undefined) first.set(pool.name, i);
    else faults.add(`${path}/name`, `repeats the pool ${JSON.stringify(pool.name)} of /pools/${earlier}`);
  }
}

/** Replicas of each pool are followed through the changes, as the simulation makes them. */
function checkChanges(
  changes: unknown,
  names: readonly (string | undefined)[],
  atStart: readonly number[],
  faults: Faults,
): void {
  const serving = [...atStart];
  let all = serving.reduce((sum, replicas) => sum + replicas, 0);
  const list = (Array.isArray(changes) ? changes : []).flatMap((change: unknown, i) =>
    isObject(change) && isNumber(change.atSec) && isNumber(change.replicas) ? [{ change, i }] : [],
  );
  if (all === 0 && !list.some(({ change }) => change.action === 'start')) {
    faults.add('/pools', 'must have at least one replica, or changes that start one');
  }
  // Stable: of the same time, in the order of the list.
  list.sort((a, b) => (a.change.atSec as number) - (b.change.atSec as number));
  for (const { change, i } of list) {
    const path = `/changes/${i}`;
    const pool = poolOf(change, names, path, faults);
    if (pool === undefined) continue;
    const replicas = change.replicas as number;
    if (change.action === 'start') {
      serving[pool] += replicas;
      all += replicas;
    } else if (replicas > serving[pool]) {
      faults.add(`${path}/replicas`, `must be at most ${serving[pool]}, what serves then; it is ${replicas}`);
      serving[pool] = 0;
    } else serving[pool] -= replicas;
  }
  if (all > MOST_REPLICAS) {
    const path = names.length > 1 ? '/pools' : list.length > 0 ? '/changes' : '/replicas';
    faults.add(
      path,
      `must come to at most ${MOST_REPLICAS} replicas, those that start included; it is ${all}`,
    );
  }
}

function poolOf(
  { pool }: Json,
  names: readonly (string | undefined)[],
  path: string,
  faults: Faults,
): number | undefined {
  if (pool === undefined) {
    if (names.length === 1) return 0;
    faults.missing(`${path}/pool`, 'there are several');
    return undefined;
  }
  if (!isText(pool)) return undefined;
  const at = names.indexOf(pool);
  if (at >= 0) return at;
  faults.dangling(
    `${path}/pool`,
    'the pool',
    pool,
    names.filter((name) => name !== undefined),
  );
  return undefined;
}

function namesOf(pools: unknown): (string | undefined)[] {
  if (!Array.isArray(pools)) return [undefined];
  return pools.filter(isObject).map(({ name }) => (isText(name) ? name : undefined));
}

function replicasOf({ replicas }: Json): number {
  return isNumber(replicas) ? replicas : 0;
}

function checkArrivals(arrivals: unknown, faults: Faults): void {
  if (!isObject(arrivals)) return;
  checkOrder(arrivals.rates, 'fromSec', '/arrivals/rates', faults);
  checkOrder(arrivals.requests, 'atSec', '/arrivals/requests', faults);
}

function checkOrder(list: unknown, field: string, path: string, faults: Faults): void {
  if (!Array.isArray(list)) return;
  for (let i = 1; i < list.length; i++) {
    const [before, now] = [list[i - 1]?.[field], list[i]?.[field]];
    if (isNumber(before) && isNumber(now) && now < before) {
      faults.add(
        `${path}/${i}/${field}`,
        `must be at least that of the entry before, ${before}; it is ${now}`,
      );
    }
  }
}
