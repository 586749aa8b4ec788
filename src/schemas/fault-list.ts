import { type InputFault, MAX_FAULTS } from './faults.ts';
import { suggestion } from './suggestion.ts';

export type Json = Record<string, unknown>;

/** Near names cost time that grows with both lists; beyond this many no suggestion is looked up. */
const MAX_SUGGESTIONS = 20;
const MAX_NAMES_SEARCHED = 2_000;

/** Collects faults of meaning. */
export class Faults {
  readonly found: InputFault[] = [];
  #suggestions = 0;

  add(path: string, message: string): void {
    if (this.found.length < MAX_FAULTS) this.found.push({ kind: 'meaning', path, message });
  }

  /** A field that is required where another does not stand for it. */
  missing(path: string, what: string): void {
    this.add(path, `is required: ${what}`);
  }

  /** A quantity that is 0 or of a size that occurs; less drowns in rounding. */
  zeroOrAtLeast(path: string, value: unknown, least: number): void {
    if (isNumber(value) && value > 0 && value < least) {
      this.add(path, `must be 0 or at least ${least}; it is ${value}`);
    }
  }

  /** Whether a name is all but one of the known; within what may be spent on looking. */
  isNear(name: string, known: readonly string[]): boolean {
    if (known.length === 0 || known.length > MAX_NAMES_SEARCHED || this.#suggestions >= MAX_SUGGESTIONS)
      return false;
    this.#suggestions++;
    return suggestion(name, known) !== undefined;
  }

  /** A name that refers to nothing. */
  dangling(path: string, what: string, name: string, known: readonly string[], hint = ''): void {
    const look = this.#suggestions++ < MAX_SUGGESTIONS && known.length <= MAX_NAMES_SEARCHED;
    const near = look ? suggestion(name, known) : undefined;
    this.add(path, `names ${what} ${JSON.stringify(name)}, which does not exist${near ? `; ${near}` : hint}`);
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
