import { collectGarbage } from './garbage.ts';

const LEAST_BYTES = 131_072;

/**
 * Memory for large request bodies, which workers share: so much at once, and no more. It is used again and again, since V8 does not count
 * shared memory and would not collect what is thrown away.
 */
export class BodyMemory {
  readonly #budget: number;
  /** By size. */
  readonly #free = new Map<number, SharedArrayBuffer[]>();
  #allocated = 0;

  /** @param budget bytes */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /** Memory for a body of so many bytes, or more than that; null: there is none left. */
  take(bytes: number): SharedArrayBuffer | null {
    const size = sizeFor(bytes);
    const free = this.#free.get(size)?.pop();
    if (free) return free;
    if (this.#allocated + size > this.#budget) this.#discard(this.#allocated + size - this.#budget);
    if (this.#allocated + size > this.#budget) return null;
    this.#allocated += size;
    return new SharedArrayBuffer(size);
  }

  /** It is not looked at any more. */
  give(memory: SharedArrayBuffer): void {
    const size = memory.byteLength;
    const free = this.#free.get(size);
    if (free) free.push(memory);
    else this.#free.set(size, [memory]);
  }

  /** Lets go of so much that is free, in other sizes than the one that is wanted. */
  #discard(bytes: number): void {
    let left = bytes;
    for (const [size, free] of this.#free) {
      while (left > 0 && free.pop()) {
        left -= size;
        this.#allocated -= size;
      }
    }
    if (left < bytes) collectGarbage();
  }
}

/** A power of two: a few sizes fit all. */
function sizeFor(bytes: number): number {
  return Math.max(LEAST_BYTES, 2 ** Math.ceil(Math.log2(bytes)));
}
