import { ApiError } from '../errors.ts';

/** One after the other, first come, first served; so many may wait. */
export class Turns {
  readonly #maxWaiting: number;
  /** What lets each that waits begin. */
  readonly #line: (() => void)[] = [];
  #isTaken = false;

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /**
   * Works when its turn has come. What waits leaves the line when `signal` aborts, and the signal's reason is thrown.
   *
   * @throws ApiError when too many wait
   */
  async take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#turn(signal);
    try {
      return await work();
    } finally {
      const next = this.#line.shift();
      if (next) next();
      else this.#isTaken = false;
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#isTaken) {
      this.#isTaken = true;
      return Promise.resolve();
    }
    if (this.#line.length >= this.#maxWaiting) {
      const detail = `${this.#maxWaiting} requests wait for their turn (QUEUE_LENGTH); try again later.`;
      throw new ApiError('unavailable', detail, [], { 'retry-after': '1' });
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#line.splice(this.#line.indexOf(begin), 1);
        reject(signal.reason);
      };
      const begin = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#line.push(begin);
    });
  }
}
