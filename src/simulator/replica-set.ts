import type { Backend, Balancer } from './balancer.ts';
import type { IterationTime } from './iteration-time.ts';
import type { Observer } from './observer.ts';
import { Replica, type ReplicaLimits } from './replica.ts';
import type { SimulatedRequest } from './request.ts';

/** Replicas of one kind. */
export interface ReplicaKind {
  readonly limits: ReplicaLimits;
  readonly time: IterationTime;
  /** Share of the load that one is meant to get, relative to the others. */
  readonly weight: number;
  /** Told of what happens in them, in place of the observer of the set. */
  readonly observer?: Observer;
}

interface Member<Kind> extends Backend {
  readonly kind: Kind;
  /** When it was told to drain (ms). */
  drainedMs: number;
}

/**
 * Replicas behind a balancer, which may start, drain and stop while requests come. Whoever drives it goes forward in time: `advance`, then
 * what happens at that time.
 */
export class ReplicaSet<Kind extends ReplicaKind = ReplicaKind> {
  readonly #balancer: Balancer;
  readonly #observer: Observer;
  readonly #gone: ((kind: Kind, atMs: number) => void) | undefined;
  #nowMs = 0;
  /** Those that take requests … */
  readonly #serving: Member<Kind>[] = [];
  /** … and those that only finish what they have. */
  #draining: Member<Kind>[] = [];
  #places = 0;

  /** @param gone told of each replica that has drained, with when its last request was done, at the next `advance` after that */
  constructor(balancer: Balancer, observer: Observer, gone?: (kind: Kind, atMs: number) => void) {
    this.#balancer = balancer;
    this.#observer = observer;
    this.#gone = gone;
  }

  /** Goes on until a time (ms). */
  advance(untilMs: number): void {
    for (const { replica } of this.#serving) replica.advance(untilMs);
    this.#nowMs = untilMs;
    if (this.#draining.length === 0) return;
    for (const { replica } of this.#draining) replica.advance(untilMs);
    this.#draining = this.#draining.filter(({ replica, kind, drainedMs }) => {
      if (replica.requests > 0) return true;
      this.#gone?.(kind, Math.max(drainedMs, replica.idleSinceMs));
      this.#places -= kind.limits.maxBatchSize;
      return false;
    });
  }

  /**
   * A request arrives now; where there is no replica, or no room in the one chosen, it is lost.
   *
   * @returns the kind of the replica that it was offered to; null: there is none
   */
  offer(request: SimulatedRequest): Kind | null {
    const serving = this.#serving;
    if (serving.length === 0) {
      this.#observer.lost(request);
      return null;
    }
    // What is chosen is a member: the balancer chooses among those that serve.
    const { replica, kind } = this.#balancer(serving) as Member<Kind>;
    if (!replica.offer(request)) (kind.observer ?? this.#observer).lost(request);
    return kind;
  }

  /** A new replica serves from now on. */
  start(kind: Kind): void {
    const { limits, time, weight, observer = this.#observer } = kind;
    this.#places += limits.maxBatchSize;
    const replica = new Replica(limits, time, observer);
    this.#serving.push({ kind, weight, credit: 0, drainedMs: Number.NaN, replica });
  }

  /** The newest of a kind takes no more requests and ends when its last is done; false: there is none. */
  drain(kind: Kind): boolean {
    const member = this.#remove(kind);
    if (member) {
      member.drainedMs = this.#nowMs;
      this.#draining.push(member);
    }
    return member !== undefined;
  }

  /** The newest of a kind ends at once, and its requests are lost; false: there is none. */
  stop(kind: Kind): boolean {
    const member = this.#remove(kind);
    if (member) this.#places -= kind.limits.maxBatchSize;
    member?.replica.stop();
    return member !== undefined;
  }

  #remove(kind: Kind): Member<Kind> | undefined {
    const at = this.#serving.findLastIndex((member) => member.kind === kind);
    return at < 0 ? undefined : this.#serving.splice(at, 1)[0];
  }

  /** Replicas of a kind that serve. */
  serving(kind: Kind): number {
    return this.#serving.filter((member) => member.kind === kind).length;
  }

  /** Requests that may be in service at once, in all replicas that serve or drain. */
  get places(): number {
    return this.#places;
  }

  get waiting(): number {
    return this.#sum(({ waiting }) => waiting);
  }

  /** Requests in it, waiting or in service. */
  get requests(): number {
    return this.#sum(({ requests }) => requests);
  }

  #sum(of: (replica: Replica) => number): number {
    return [...this.#serving, ...this.#draining].reduce((sum, { replica }) => sum + of(replica), 0);
  }
}
