import { STABILITY_LIMIT } from './service-law.ts';
import { FIGURE, type Figures, type SimulatedReplica, simulateAt, simulateFull } from './simulated-rate.ts';

/** Rates between an empty replica and the highest stable rate: a power of 2. */
const CELLS = 32;

/** Losses are simulated up to this multiple of the highest stable rate; beyond, no more is served. */
const MOST_LOAD = 4;

/**
 * What is simulated at fixed rates, each when it is asked for, and lines between them. The rates are the nodes of a binary tree: its ends
 * first, then the middle of two that are known. What was seen at a node is kept between what was seen at the two that it divides. So nothing
 * falls with the rate, whatever chance does, and no node depends on which were asked for before.
 */
export class SimulatedGrid {
  readonly replica: SimulatedReplica;
  readonly #alone: () => Figures;
  readonly #nodes: Figures[] = [];
  #full: ReturnType<typeof simulateFull> | undefined;
  // The stretch that was looked at last, and where in it.
  #left!: Figures;
  #right!: Figures;
  #weight = 0;

  /** @param alone what a request sees that is alone */
  constructor(replica: SimulatedReplica, alone: () => Figures) {
    this.replica = replica;
    this.#alone = alone;
  }

  /** The same replica under another batch limit: alone, a request sees the same. */
  withMaxBatchSize(maxBatchSize: number): SimulatedGrid {
    const { limits, ...others } = this.replica;
    return new SimulatedGrid({ ...others, limits: { ...limits, maxBatchSize } }, this.#alone);
  }

  /** Highest stable rate (requests/s). */
  get maxRequestsPerSec(): number {
    return STABILITY_LIMIT * this.#atFull.requestsPerSec;
  }

  get #atFull(): ReturnType<typeof simulateFull> {
    this.#full ??= simulateFull(this.replica);
    return this.#full;
  }

  /** Looks at a batch that is full at all times. */
  lookAtFull(): void {
    this.#left = this.#atFull.figures;
    this.#right = this.#left;
    this.#weight = 0;
  }

  /** Looks at a load, as a share of the highest stable rate: what `read` tells is of there. */
  look(load: number): void {
    const position = Math.min(positionOf(load), 2 * CELLS);
    const from = Math.min(Math.floor(position), (position > CELLS ? 2 : 1) * CELLS - 1);
    this.#left = this.#node(from);
    this.#right = this.#node(from + 1);
    const low = scaled(loadAt(from));
    this.#weight = (scaled(Math.min(load, MOST_LOAD)) - low) / (scaled(loadAt(from + 1)) - low);
  }

  /** Of so many requests/s, those that are not lost, where it looks. */
  served(requestsPerSec: number): number {
    return Math.min(requestsPerSec, MOST_LOAD * this.maxRequestsPerSec) * (1 - this.read(FIGURE.loss));
  }

  read(figure: number): number {
    const left = this.#left[figure];
    return left + (this.#right[figure] - left) * this.#weight;
  }

  /** @param at 0: an empty replica, CELLS: the highest stable rate, 2·CELLS: MOST_LOAD times that */
  #node(at: number): Figures {
    const known = this.#nodes[at];
    if (known) return known;
    const figures = at === 0 ? this.#alone() : simulateAt(this.replica, loadAt(at) * this.maxRequestsPerSec);
    const isEnd = at % CELLS === 0;
    const half = isEnd ? CELLS : at & -at;
    const least = at === 0 ? undefined : this.#node(at - half);
    const most = isEnd ? undefined : this.#node(at + half);
    for (let i = 0; i < figures.length; i++) {
      if (least && figures[i] < least[i]) figures[i] = least[i];
      else if (most && figures[i] > most[i]) figures[i] = most[i];
    }
    this.#nodes[at] = figures;
    return figures;
  }
}

/** Denser towards both ends of what is stable: sin²(π·x/2) for x in 0 … 1; from there on by equal factors. */
function loadAt(node: number): number {
  const x = node / CELLS;
  return x <= 1 ? Math.sin((Math.PI / 2) * x) ** 2 : MOST_LOAD ** (x - 1);
}

function positionOf(load: number): number {
  const x = load <= 1 ? (2 / Math.PI) * Math.asin(Math.sqrt(load)) : 1 + Math.log(load) / Math.log(MOST_LOAD);
  return CELLS * x;
}

/** What waits are all but linear in: 1/(1 - utilization) up to saturation; and beyond it, as losses are, 1 - 1/utilization. */
function scaled(load: number): number {
  return load <= 1 ? 1 / (1 / STABILITY_LIMIT - load) : 1 / (1 / STABILITY_LIMIT - 1) + 1 - 1 / load;
}
