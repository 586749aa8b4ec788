import TinyQueue from 'tinyqueue';
import { type IterationTime, iterationMs } from './iteration-time.ts';
import type { Observer } from './observer.ts';
import type { SimulatedRequest } from './request.ts';
import { WaitingRoom } from './waiting-room.ts';

export interface ReplicaLimits {
  /** N: requests in service at once. */
  readonly maxBatchSize: number;
  /** Q: requests that wait beside them; Infinity: unlimited. */
  readonly maxQueueLength: number;
  /** C: tokens that one iteration computes. */
  readonly maxBatchTokens: number;
  /** Context that the KV cache holds (tokens); Infinity: enough for all. */
  readonly kvCacheTokens: number;
}

/** A request that decodes, by the iteration that writes its last token. */
interface Finish {
  readonly iteration: number;
  readonly request: SimulatedRequest;
  /** Its first step when it was put here; another now: it has been preempted since. */
  readonly firstStep: number;
}

/**
 * One replica with continuous batching: iteration after iteration, each with one decode step of every request that has its prefill behind
 * it, and chunks of the prefill of the others, first come, first served, as far as the token budget goes. Requests join at the start of an
 * iteration. An iteration costs the same whatever the size of its batch: sums are kept, and only what changes is touched.
 */
export class Replica {
  readonly limits: ReplicaLimits;
  readonly #time: IterationTime;
  readonly #observer: Observer;
  readonly #waiting = new WaitingRoom();
  readonly #prefilling: SimulatedRequest[] = [];
  readonly #finishes = new TinyQueue<Finish>([], (a, b) => a.iteration - b.iteration);
  /** Requests whose first decode step, since they joined, is in the iteration under way. */
  readonly #beginners: SimulatedRequest[] = [];
  /** In the order in which they joined; kept where the KV cache may run out. */
  readonly #batch: SimulatedRequest[] | null;
  /** Number of the iteration under way. */
  #iteration = 0;
  /** When it began and ends (ms); Infinity: nothing to do. */
  #startMs = 0;
  #endMs = Number.POSITIVE_INFINITY;
  #decoding = 0;
  /** Context that one decode step of each that decodes reads (tokens). */
  #decodeContext = 0;
  /** Context kept for those in prefill, with the first token of each. */
  #prefillContext = 0;
  #inBatch = 0;
  // Of the iteration that begins: tokens that may still be computed, those that are, context read, and pairs attended to (twice).
  #budget = 0;
  #computed = 0;
  #read = 0;
  #attended = 0;

  constructor(limits: ReplicaLimits, time: IterationTime, observer: Observer) {
    this.limits = limits;
    this.#time = time;
    this.#observer = observer;
    this.#batch = limits.kvCacheTokens === Number.POSITIVE_INFINITY ? null : [];
  }

  /** Requests in it, waiting or in service. */
  get requests(): number {
    return this.#inBatch + this.#waiting.size;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get inBatch(): number {
    return this.#inBatch;
  }

  /** When its last iteration ended (ms), of one that has nothing to do; 0: it never had. */
  get idleSinceMs(): number {
    return this.#startMs;
  }

  /**
   * Takes a request that arrives now; `advance` has come as far.
   *
   * @returns false: there is no room for it, or it would never fit into the KV cache
   */
  offer(request: SimulatedRequest): boolean {
    const { maxBatchSize, maxQueueLength, kvCacheTokens } = this.limits;
    if (this.requests >= maxBatchSize + maxQueueLength) return false;
    if (request.inputTokens + request.outputTokens > kvCacheTokens) return false;
    this.#waiting.join(request);
    if (this.#endMs === Number.POSITIVE_INFINITY) this.#begin(request.arrivalMs);
    else request.residualMs = this.#endMs - request.arrivalMs;
    return true;
  }

  /** Goes on until a time (ms); an iteration that ends just then is still under way, so that arrivals of that moment join the next. */
  advance(untilMs: number): void {
    while (this.#endMs < untilMs && !this.#observer.isSpent) {
      const now = this.#endMs;
      this.#end(now);
      this.#begin(now);
    }
  }

  /** Ends at once: all that are in it are lost. */
  stop(): void {
    for (const request of [...this.#prefilling, ...this.#stillDecoding(), ...this.#waiting.leave()]) {
      this.#observer.lost(request);
    }
    this.#inBatch = 0;
    this.#endMs = Number.POSITIVE_INFINITY;
  }

  #stillDecoding(): SimulatedRequest[] {
    return this.#finishes.data
      .filter(({ request, firstStep }) => request.firstStep === firstStep)
      .map(({ request }) => request);
  }

  /** The end of the iteration under way: tokens are written, requests leave the batch, prefills become decodes. */
  #end(now: number): void {
    const observer = this.#observer;
    const lastMs = now - this.#startMs;
    observer.iterated(this.#startMs, lastMs, this.#inBatch);
    const beginners = this.#beginners;
    const going = this.#decoding - beginners.length;
    if (going > 0) observer.gaps(lastMs, going);
    // Emptying what is empty would take a fifth of all time.
    if (beginners.length > 0) {
      for (const request of beginners) {
        if (Number.isNaN(request.firstTokenMs)) request.firstTokenMs = now + this.#besideMs(request);
        else observer.gaps(now - request.lastTokenMs, 1);
      }
      beginners.length = 0;
    }
    this.#decodeContext += this.#decoding;
    this.#finish(now);
    if (this.#prefilling.length > 0) this.#promote();
  }

  #besideMs({ inputTokens, cachedInputTokens }: SimulatedRequest): number {
    const { overheadMs, ownPrefillMsPerToken } = this.#time;
    return overheadMs + ownPrefillMsPerToken * (inputTokens - cachedInputTokens);
  }

  /** Those whose last token this was leave. */
  #finish(now: number): void {
    const finishes = this.#finishes;
    for (let next = finishes.peek(); next && next.iteration <= this.#iteration; next = finishes.peek()) {
      finishes.pop();
      const { request, firstStep } = next;
      if (request.firstStep !== firstStep) continue;
      request.firstStep = -1;
      this.#decoding--;
      this.#inBatch--;
      // What its next step would have read.
      this.#decodeContext -= request.inputTokens + request.outputTokens + 1;
      if (this.#batch) this.#batch.splice(this.#batch.indexOf(request), 1);
      request.lastTokenMs = now + this.#besideMs(request);
      this.#observer.completed(request);
    }
  }

  /** Those whose prefill is done decode from the next iteration on. */
  #promote(): void {
    const prefilling = this.#prefilling;
    let kept = 0;
    for (const request of prefilling) {
      if (request.prefilledTokens < request.contextTokens) {
        prefilling[kept++] = request;
        continue;
      }
      request.firstStep = this.#iteration + 1;
      const left = request.outputTokens - request.writtenTokens;
      this.#finishes.push({
        iteration: this.#iteration + left,
        request,
        firstStep: request.firstStep,
      });
      this.#beginners.push(request);
      this.#decoding++;
      this.#decodeContext += request.contextTokens + 1;
      this.#prefillContext -= request.contextTokens + 1;
    }
    prefilling.length = kept;
  }

  #begin(now: number): void {
    const { maxBatchSize, maxBatchTokens, kvCacheTokens } = this.limits;
    this.#iteration++;
    if (this.#batch) this.#preempt(now);

    this.#budget = maxBatchTokens - this.#decoding;
    this.#computed = this.#decoding;
    this.#read = this.#decodeContext;
    this.#attended = 0;
    for (const request of this.#prefilling) {
      if (this.#budget <= 0) break;
      this.#prefill(request);
    }
    while (this.#budget > 0 && this.#inBatch < maxBatchSize) {
      const request = this.#waiting.first;
      if (!request) break;
      const context = request.contextTokens + 1;
      if (this.#decodeContext + this.#prefillContext + context > kvCacheTokens) break;
      this.#waiting.shift();
      if (Number.isNaN(request.admittedMs)) request.admittedMs = now;
      request.prefilledTokens = Math.min(request.cachedInputTokens, request.contextTokens);
      this.#inBatch++;
      this.#prefillContext += context;
      this.#prefilling.push(request);
      this.#batch?.push(request);
      this.#prefill(request);
    }

    this.#startMs = now;
    this.#endMs = this.#inBatch === 0 ? Number.POSITIVE_INFINITY : now + this.#iterationMs();
  }

  #iterationMs(): number {
    return iterationMs(this.#time, this.#computed, this.#decoding, this.#read, this.#attended, this.#inBatch);
  }

  /** The next chunk of a prefill, as far as the budget goes. */
  #prefill(request: SimulatedRequest): void {
    const from = request.prefilledTokens;
    const to = Math.min(request.contextTokens, from + this.#budget);
    request.prefilledTokens = to;
    this.#budget -= to - from;
    this.#computed += to - from;
    this.#read += to;
    this.#attended += to * to - from * from;
  }

  /** Where the KV cache would run out in this iteration, those that joined last give their context up and wait for it again. */
  #preempt(now: number): void {
    const batch = this.#batch!;
    while (this.#decodeContext + this.#prefillContext > this.limits.kvCacheTokens) {
      const request = batch.pop()!;
      if (request.firstStep >= 0) {
        const written = this.#iteration - request.firstStep;
        this.#decodeContext -= request.contextTokens + written + 1;
        this.#decoding--;
        const beginner = this.#beginners.indexOf(request);
        if (beginner >= 0) this.#beginners.splice(beginner, 1);
        request.writtenTokens += written;
        if (written > 0) request.lastTokenMs = now;
        request.firstStep = -1;
      } else {
        this.#prefillContext -= request.contextTokens + 1;
        this.#prefilling.splice(this.#prefilling.indexOf(request), 1);
      }
      request.prefilledTokens = 0;
      request.preemptions++;
      this.#inBatch--;
      this.#waiting.joinFirst(request);
      this.#observer.preempted(request);
    }
  }
}
