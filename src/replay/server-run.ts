import type { Balancer } from '../simulator/balancer.ts';
import type { Observer } from '../simulator/observer.ts';
import { type ReplicaKind, ReplicaSet } from '../simulator/replica-set.ts';
import { SimulatedRequest } from '../simulator/request.ts';
import { CardTime } from './card-time.ts';
import { Counters } from './counters.ts';
import type { Counted, RunningReplicas, ServerView, Wish } from './policy.ts';
import { type ReplayedServer, replicaKind } from './replayed-server.ts';
import { Tally } from './tally.ts';
import type { Offered } from './workload.ts';

/** A request of a class. */
class ReplayedRequest extends SimulatedRequest {
  readonly tally: Tally;

  constructor(tally: Tally, atMs: number, inputTokens: number, outputTokens: number, cachedTokens: number) {
    super(atMs, inputTokens, outputTokens, cachedTokens);
    this.tally = tally;
  }
}

/** Replicas that are alike. */
interface Pool extends ReplicaKind {
  readonly variant: string;
  readonly observer: Counters;
  /** How many there are to be. */
  target: number;
  serving: number;
  /** When each of those that start will serve (ms), rising. */
  readonly ready: number[];
}

/** Of so many replicas those that may go before others are there: a quarter, as in Kubernetes' rolling update; one at least. */
function mostUnavailable(replicas: number): number {
  return Math.max(1, Math.floor(replicas / 4));
}

/** The replicas of one server, which start, serve and drain as is wished, and its requests. */
export class ServerRun implements ServerView, Observer {
  readonly tallies: readonly Tally[];
  readonly cards: CardTime;
  readonly #replayed: ReplayedServer;
  readonly #set: ReplicaSet<Pool>;
  readonly #pools: Pool[] = [];
  #next = 0;
  #nowMs = 0;

  constructor(replayed: ReplayedServer, balancer: Balancer, endMs: number) {
    this.#replayed = replayed;
    this.tallies = replayed.classes.map(({ targets }) => new Tally(targets));
    this.cards = new CardTime(replayed.variants, endMs);
    this.#set = new ReplicaSet<Pool>(balancer, this, ({ variant }, atMs) => this.cards.went(variant, atMs));
  }

  /** All of it serves from the start. */
  begin(wish: Wish): void {
    for (const { variant, maxBatchSize, replicas } of wish) {
      const pool = this.#poolOf(variant, maxBatchSize);
      pool.target += replicas;
      for (let i = 0; i < replicas; i++) {
        this.cards.came(variant, this.#nowMs);
        this.#serve(pool);
      }
    }
  }

  /** From now on this is wanted. @returns whether that is something else than before */
  wish(wish: Wish): boolean {
    const before = this.#pools.map(({ target }) => target);
    for (const pool of this.#pools) pool.target = 0;
    for (const { variant, maxBatchSize, replicas } of wish)
      this.#poolOf(variant, maxBatchSize).target += replicas;
    this.#giveUpSurplus();
    return this.#pools.some(({ target }, i) => target !== (before[i] ?? 0));
  }

  /**
   * Starts what is wanted and neither serves nor starts, as far as there are cards. Where there are too few, and nothing starts that would
   * relieve them, a few of the replicas that are to go make room first.
   *
   * @param free cards by type, of which it takes what it needs; a type that is absent has no limit
   */
  startWanted(free: Map<string, number>): void {
    for (const pool of this.#pools) {
      const { type, cards } = this.#cardsOf(pool);
      while (pool.serving + pool.ready.length < pool.target) {
        const left = (free.get(type) ?? Number.POSITIVE_INFINITY) - cards;
        if (left < 0) {
          if (this.starting === 0) this.#makeRoom(type, cards * mostUnavailable(pool.target));
          break;
        }
        free.set(type, left);
        pool.ready.push(this.#nowMs + this.#replayed.startupMs.get(pool.variant)!);
        this.cards.came(pool.variant, this.#nowMs);
      }
    }
  }

  #makeRoom(type: string, wantedCards: number): void {
    let missing = wantedCards;
    for (const pool of this.#pools) {
      const own = this.#cardsOf(pool);
      while (own.type === type && missing > 0 && pool.serving > pool.target) {
        this.#drain(pool);
        missing -= own.cards;
      }
    }
  }

  #cardsOf({ variant }: Pool): { type: string; cards: number } {
    const { accelerator, cardsPerReplica } = this.#replayed.variants.get(variant)!;
    return { type: accelerator.type, cards: cardsPerReplica };
  }

  #drain(pool: Pool): void {
    this.#set.drain(pool);
    pool.serving--;
  }

  /** Goes on until a time (ms), at which nothing has happened yet. */
  goTo(untilMs: number): void {
    const { arrivals } = this.#replayed.workload;
    for (;;) {
      const arrivalMs = arrivals[this.#next]?.atMs ?? Number.POSITIVE_INFINITY;
      const pool = this.#nextReady();
      const readyMs = pool?.ready[0] ?? Number.POSITIVE_INFINITY;
      if (Math.min(arrivalMs, readyMs) >= untilMs) break;
      if (pool && readyMs <= arrivalMs) {
        this.#advance(readyMs);
        pool.ready.shift();
        this.#serve(pool);
        this.#giveUpSurplus();
      } else {
        this.#advance(arrivalMs);
        this.#offer(this.#next++);
      }
    }
    this.#advance(untilMs);
  }

  #advance(untilMs: number): void {
    this.#set.advance(untilMs);
    for (const { observer, serving } of this.#pools) {
      observer.counts.replicaMs += serving * (untilMs - this.#nowMs);
    }
    this.#nowMs = untilMs;
  }

  #offer(index: number): void {
    const { workload, cachedShare } = this.#replayed;
    const { atMs, inputTokens, outputTokens, classIndex } = workload.arrivals[index];
    const tally = this.tallies[classIndex];
    tally.offered++;
    const cachedTokens = Math.floor(cachedShare * inputTokens);
    const request = new ReplayedRequest(tally, atMs, inputTokens, outputTokens, cachedTokens);
    const pool = this.#set.offer(request);
    if (pool) pool.observer.counts.offered++;
  }

  #serve(pool: Pool): void {
    this.#set.start(pool);
    pool.serving++;
  }

  /**
   * What is too much goes as soon as what serves beside it makes up for all that is wanted: new replicas come before old ones go, and what
   * starts in vain may help until then.
   */
  #giveUpSurplus(): void {
    const rateOf = (countOf: (pool: Pool) => number) =>
      this.#pools.reduce((sum, pool) => sum + countOf(pool) * pool.weight, 0);
    const wanted = rateOf(({ target }) => target) * (1 - 1e-9);
    let serving = rateOf((pool) => pool.serving);
    for (const pool of this.#pools) {
      const { ready, target, variant, weight } = pool;
      // Those that started last are the first that are given up.
      while (ready.length > 0 && pool.serving + ready.length > target && (target > 0 || serving >= wanted)) {
        ready.pop();
        this.cards.went(variant, this.#nowMs);
      }
      while (pool.serving > target && serving - weight >= wanted) {
        this.#drain(pool);
        serving -= weight;
      }
    }
  }

  #nextReady(): Pool | undefined {
    let next: Pool | undefined;
    for (const pool of this.#pools) {
      if (pool.ready.length > 0 && (!next || pool.ready[0] < next.ready[0])) next = pool;
    }
    return next;
  }

  #poolOf(variant: string, maxBatchSize: number): Pool {
    const known = this.#pools.find(
      (pool) => pool.variant === variant && pool.limits.maxBatchSize === maxBatchSize,
    );
    if (known) return known;
    const kind = replicaKind(this.#replayed, variant, maxBatchSize);
    const observer = new Counters(this);
    const pool: Pool = { ...kind, observer, variant, target: 0, serving: 0, ready: [] };
    this.#pools.push(pool);
    return pool;
  }

  get running(): RunningReplicas[] {
    return this.#pools
      .map(({ variant, limits: { maxBatchSize }, target, serving }) => {
        return { variant, maxBatchSize, replicas: target, startingReplicas: Math.max(0, target - serving) };
      })
      .filter(({ replicas }) => replicas > 0);
  }

  get counted(): Counted[] {
    return this.#pools.map(({ variant, limits, observer: { counts } }) => ({ variant, limits, counts }));
  }

  /** Replicas that take requests. */
  get serving(): number {
    return this.#pools.reduce((sum, pool) => sum + pool.serving, 0);
  }

  get starting(): number {
    return this.#pools.reduce((sum, pool) => sum + pool.ready.length, 0);
  }

  get waiting(): number {
    return this.#set.waiting;
  }

  offered(fromMs: number, toMs: number): Offered {
    return this.#replayed.workload.between(fromMs, Math.min(toMs, this.#nowMs));
  }

  completed(request: SimulatedRequest): void {
    (request as ReplayedRequest).tally.completed(request);
  }

  lost(request: SimulatedRequest): void {
    (request as ReplayedRequest).tally.lost();
  }

  iterated(): void {}
  gaps(): void {}
  preempted(): void {}
}
