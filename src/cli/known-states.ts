import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { isObject } from '../schemas/fault-list.ts';
import type { Tuned } from '../schemas/tune.ts';
import { InputError, readJson } from './input.ts';

interface Known {
  readonly model: string;
  readonly variant: string;
  readonly state: unknown;
}

/** The file in which `brazier tune` keeps what is known of each variant: `{ "states": [{ model, variant, state }] }`. */
export class KnownStates {
  readonly #file: string;
  readonly #states = new Map<string, Known>();

  private constructor(file: string) {
    this.#file = file;
  }

  /** @throws InputError when the file is there, but is no such file */
  static async read(file: string): Promise<KnownStates> {
    const known = new KnownStates(file);
    if (!existsSync(file)) return known;
    const content = await readJson(file);
    const states = isObject(content) ? content.states : undefined;
    if (!Array.isArray(states) || !states.every(isKnown)) {
      const message = 'must be a list of { "model", "variant", "state" }, as this command writes it';
      throw InputError.ofFaults(file, 'holds no states', [{ path: '/states', message }]);
    }
    for (const one of states) known.#states.set(keyOf(one), one);
    return known;
  }

  /**
   * A request whose items go on from what is known; what an item says itself is older.
   *
   * @throws InputError when two items are of one variant: each would go on from the same state
   */
  addedTo(request: Readonly<Record<string, unknown>>, source: string): Record<string, unknown> {
    const { items } = request;
    if (!Array.isArray(items)) return request;
    const seen = new Map<string, number>();
    const faults = items.flatMap((item, i) => {
      if (!isNamed(item)) return [];
      const first = seen.get(keyOf(item));
      if (first === undefined) seen.set(keyOf(item), i);
      return first === undefined
        ? []
        : [
            {
              path: `/items/${i}`,
              message: `is of the same variant as /items/${first}: with --state put them together`,
            },
          ];
    });
    if (faults.length > 0) throw InputError.ofFaults(source, 'variants that stand twice', faults);
    const added = items.map((item) => {
      const known = isNamed(item) ? this.#states.get(keyOf(item)) : undefined;
      return known ? { ...item, state: known.state } : item;
    });
    return { ...request, items: added };
  }

  /** Writes what is known now. A program that is stopped meanwhile leaves the file as it was. */
  async write(items: readonly Tuned[]): Promise<void> {
    for (const { model, variant, state, status } of items) {
      if (status === 'invalid' || model === null || variant === null) continue;
      this.#states.set(keyOf({ model, variant }), { model, variant, state });
    }
    const half = `${this.#file}.new`;
    await writeFile(half, `${JSON.stringify({ states: [...this.#states.values()] }, null, 1)}\n`);
    await rename(half, this.#file);
  }
}

function isNamed(item: unknown): item is { model: string; variant: string } {
  return isObject(item) && typeof item.model === 'string' && typeof item.variant === 'string';
}

function isKnown(entry: unknown): entry is Known {
  return isNamed(entry) && isObject((entry as { state?: unknown }).state);
}

function keyOf({ model, variant }: Pick<Known, 'model' | 'variant'>): string {
  return JSON.stringify([model, variant]);
}
