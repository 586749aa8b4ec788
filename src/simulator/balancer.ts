import type { BalancerName } from '../schemas/simulation-process.ts';
import type { Uniform } from './random.ts';
import type { Replica } from './replica.ts';

/** A replica that takes requests, with its weight: the share of the load that it is meant to get, relative to the others. */
export interface Backend {
  readonly replica: Replica;
  readonly weight: number;
  /** What `weighted` has kept of its turn. */
  credit: number;
}

/** Chooses among backends, of which there is at least one. */
export type Balancer = (backends: readonly Backend[]) => Backend;

export function balancer(name: BalancerName, uniform: Uniform): Balancer {
  switch (name) {
    case 'round-robin':
      return roundRobin();
    case 'least-loaded':
      return leastLoaded;
    case 'weighted':
      return weighted;
    case 'random':
      return (backends) => random(backends, uniform);
  }
}

function roundRobin(): Balancer {
  let turn = -1;
  return (backends) => {
    turn = (turn + 1) % backends.length;
    return backends[turn];
  };
}

/** Fewest requests for its weight; of equals the first. */
function leastLoaded(backends: readonly Backend[]): Backend {
  let best = backends[0];
  let least = Number.POSITIVE_INFINITY;
  for (const backend of backends) {
    const load = (backend.replica.requests + 1) / backend.weight;
    if (load < least) {
      least = load;
      best = backend;
    }
  }
  return best;
}

/** By turns that come as often as the weight says, evenly spread: nginx's smooth weighted round robin. */
function weighted(backends: readonly Backend[]): Backend {
  let total = 0;
  let best = backends[0];
  for (const backend of backends) {
    total += backend.weight;
    backend.credit += backend.weight;
    if (backend.credit > best.credit) best = backend;
  }
  best.credit -= total;
  return best;
}

/** By chance, as often as the weight says: it leaves Poisson arrivals Poisson at each replica, as the queue models assume. */
function random(backends: readonly Backend[], uniform: Uniform): Backend {
  let total = 0;
  for (const { weight } of backends) total += weight;
  let at = uniform() * total;
  for (const backend of backends) {
    at -= backend.weight;
    if (at < 0) return backend;
  }
  return backends[backends.length - 1];
}
