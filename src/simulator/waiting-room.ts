import type { SimulatedRequest } from './request.ts';

/** From so many places given up at its front on, the line is moved up. */
const MOVE_UP = 1024;

/** A line, first come, first served: joining and leaving take the same time however long it is. */
export class WaitingRoom {
  #line: SimulatedRequest[] = [];
  #front = 0;

  get size(): number {
    return this.#line.length - this.#front;
  }

  get first(): SimulatedRequest | undefined {
    return this.#line[this.#front];
  }

  join(request: SimulatedRequest): void {
    this.#line.push(request);
  }

  /** Before all others. */
  joinFirst(request: SimulatedRequest): void {
    if (this.#front > 0) this.#line[--this.#front] = request;
    else this.#line.unshift(request);
  }

  shift(): void {
    this.#front++;
    if (this.#front < MOVE_UP || 2 * this.#front < this.#line.length) return;
    this.#line = this.#line.slice(this.#front);
    this.#front = 0;
  }

  /** Everybody leaves. */
  leave(): SimulatedRequest[] {
    const all = this.#line.slice(this.#front);
    this.#line = [];
    this.#front = 0;
    return all;
  }
}
