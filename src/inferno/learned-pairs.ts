import { pairKey } from './from-inferno-tuner.ts';
import type { LearnedPair } from './learned-pair.ts';
import type { KnownPair } from './to-inferno-tuner.ts';

/** A pair that so many tunings have not seen is gone, most likely, and waits for nothing. */
const GONE_AFTER = 10;

/** What the tuner's clients have taught, in memory: so many pairs, of which the one that was tuned longest ago goes first. */
export class LearnedPairs {
  readonly limit: number;
  /** The one tuned longest ago first, with the tuning that saw it last. */
  readonly #pairs = new Map<string, { readonly pair: LearnedPair; readonly tuning: number }>();
  #tunings = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.#pairs.size;
  }

  /** All that is kept, the one tuned longest ago first. */
  all(): LearnedPair[] {
    return [...this.#pairs.values()].map(({ pair }) => pair);
  }

  /** What is told of those whose parameters are. */
  known(): KnownPair[] {
    return this.all()
      .filter(isKnown)
      .map(({ model, accelerator, parameters }) => ({ model, accelerator, parameters }));
  }

  find(model: string, accelerator: string): (LearnedPair & KnownPair) | null {
    const pair = this.#pairs.get(pairKey(model, accelerator))?.pair;
    return pair && isKnown(pair) ? pair : null;
  }

  /** Whether the parameters of a pair that is still there have not settled. */
  get isWarmingUp(): boolean {
    return [...this.#pairs.values()].some(
      ({ pair, tuning }) => !pair.isSettled && this.#tunings - tuning < GONE_AFTER,
    );
  }

  /** Keeps what a tuning has learnt; returns how many pairs had to go for it. */
  keep(pairs: readonly LearnedPair[]): number {
    this.#tunings++;
    for (const pair of pairs) {
      const key = pairKey(pair.model, pair.accelerator);
      this.#pairs.delete(key);
      this.#pairs.set(key, { pair, tuning: this.#tunings });
    }
    const surplus = [...this.#pairs.keys()].slice(0, Math.max(0, this.#pairs.size - this.limit));
    for (const key of surplus) this.#pairs.delete(key);
    return surplus.length;
  }
}

function isKnown(pair: LearnedPair): pair is LearnedPair & KnownPair {
  return pair.parameters !== null;
}
