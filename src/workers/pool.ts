import { fileURLToPath } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { Outcome } from '../operations/answerer.ts';
import type { Progress } from '../operations/operation.ts';
import type { Reply, Task, WorkerData } from './worker.ts';

/** A worker without work for this long is let go, and its memory with it (ms). */
const IDLE_MS = 300_000;

export interface PoolLimits {
  readonly workers: number;
  /** Workers that are there from the start; absent: none. */
  readonly warmWorkers?: number;
  readonly requestsPerWorker: number;
  readonly queueLength: number;
  readonly memoryMib: number;
}

/** What the pool tells of itself as it happens. */
export interface PoolEvents {
  /** A request has left the line after this time. */
  waited(seconds: number): void;
  /** A worker is gone: by itself, or stopped together with what it solved. */
  lost(cause: 'died' | 'stopped'): void;
  /** A worker died that had nothing to do. */
  failed(error: Error): void;
}

/** The line is full. */
export class PoolFullError extends Error {
  readonly retryAfterSec: number;

  constructor(retryAfterSec: number) {
    super('the line is full');
    this.retryAfterSec = retryAfterSec;
  }
}

/** The worker died, and so did the next one that tried; or it ran out of memory, and any other would. */
export class WorkerDiedError extends Error {
  readonly isOutOfMemory: boolean;

  constructor(isOutOfMemory: boolean, cause: unknown) {
    super('the worker died', { cause });
    this.isOutOfMemory = isOutOfMemory;
  }
}

/** An error in a worker that nobody expected; its stack is that of the worker. */
export class WorkerFaultError extends Error {}

/**
 * Worker threads and the line before them: first come, first served, and so many may wait. Workers start when they are needed; one that
 * dies or is stopped is replaced.
 */
export class WorkerPool {
  readonly #piscina: Piscina<Task, Reply>;
  readonly #limits: PoolLimits;
  readonly #events: PoolEvents;
  /** What lets each that waits begin. */
  readonly #line: (() => void)[] = [];
  #running = 0;
  /** Mean time of a request in a worker (s), the latest weighing most. */
  #meanSec = 1;

  constructor(limits: PoolLimits, workerData: WorkerData, events: PoolEvents) {
    this.#limits = limits;
    this.#events = events;
    this.#piscina = new Piscina({
      filename: fileURLToPath(new URL('./worker.js', import.meta.url)),
      workerData,
      minThreads: Math.min(limits.warmWorkers ?? 0, limits.workers),
      maxThreads: limits.workers,
      concurrentTasksPerWorker: limits.requestsPerWorker,
      idleTimeout: IDLE_MS,
      resourceLimits: { maxOldGenerationSizeMb: limits.memoryMib },
      recordTiming: false,
    });
    this.#piscina.on('error', (error: Error) => events.failed(error));
  }

  /** Requests that workers can hold. */
  get places(): number {
    return this.#limits.workers * this.#limits.requestsPerWorker;
  }

  /** Requests that may wait. */
  get queueLength(): number {
    return this.#limits.queueLength;
  }

  get threads(): number {
    return this.#piscina.threads.length;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#line.length;
  }

  /**
   * Has a body answered. When `signal` aborts, what runs is stopped, what waits leaves the line, and the signal's reason is thrown.
   *
   * @param progress called with the share that is done, now and then: first when the body has been found valid
   * @throws PoolFullError, WorkerDiedError, WorkerFaultError
   */
  async run(task: Task, signal: AbortSignal, progress?: Progress): Promise<Outcome> {
    await this.#turn(signal);
    const startMs = performance.now();
    try {
      const reply = await this.#attempt(task, signal, progress);
      if (reply.kind === 'failed') throw new WorkerFaultError(reply.stack);
      return reply;
    } finally {
      this.#meanSec += 0.2 * ((performance.now() - startMs) / 1000 - this.#meanSec);
      this.#running--;
      this.#line.shift()?.();
    }
  }

  close(): Promise<void> {
    return this.#piscina.destroy();
  }

  /** Resolves when a worker has room; the place is then taken. */
  #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const sinceMs = performance.now();
    if (this.#running < this.places) {
      this.#running++;
      this.#events.waited(0);
      return Promise.resolve();
    }
    if (this.#line.length >= this.queueLength) {
      const turnSec = (this.#meanSec * (this.#line.length + 1)) / this.#limits.workers;
      throw new PoolFullError(Math.min(60, Math.max(1, Math.ceil(turnSec))));
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#line.splice(this.#line.indexOf(begin), 1);
        reject(signal.reason);
      };
      const begin = () => {
        signal.removeEventListener('abort', leave);
        this.#running++;
        this.#events.waited((performance.now() - sinceMs) / 1000);
        resolve();
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#line.push(begin);
    });
  }

  /** A worker that dies takes its requests with it: each is tried once more. */
  async #attempt(task: Task, signal: AbortSignal, progress?: Progress): Promise<Reply> {
    for (let isLast = false; ; isLast = true) {
      try {
        return await (progress ? this.#watched(task, signal, progress) : this.#piscina.run(task, { signal }));
      } catch (error) {
        this.#events.lost(signal.aborted ? 'stopped' : 'died');
        signal.throwIfAborted();
        const isOutOfMemory = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
        if (isLast || isOutOfMemory) throw new WorkerDiedError(isOutOfMemory, error);
      }
    }
  }

  /** A channel for one task: it ends with it. */
  async #watched(task: Task, signal: AbortSignal, progress: Progress): Promise<Reply> {
    const { port1, port2 } = new MessageChannel();
    port1.on('message', progress);
    try {
      return await this.#piscina.run({ ...task, progress: port2 }, { signal, transferList: [port2] });
    } finally {
      port1.close();
    }
  }
}
