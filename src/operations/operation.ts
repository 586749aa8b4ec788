import type { ApiError } from '../errors.ts';
import type { Registry } from '../registry.ts';
import type { RequestName } from '../schemas/checker.ts';
import type { Plan } from '../schemas/plan.ts';

/**
 * What the service does for a posted body: one entry for each address that takes one. `Known` is plain data that its caller keeps from one
 * request to the next, where it keeps any.
 */
export interface Operation<Request, Answer, Known = void> {
  readonly path: string;
  readonly request: RequestName;
  /** Brings a foreign form into the one that is checked. */
  readonly normalize?: (body: unknown) => unknown;
  /** Weighs a valid request before it is answered. */
  readonly prepare: (request: Request, registry: Registry, known: Known) => Prepared<Answer>;
}

export interface Prepared<Answer> {
  /** About how long it takes, in sizings of a closed-form station; Infinity: nobody knows. */
  readonly effort: number;
  /** Loads what it is performed with; awaited before `perform`. Absent: nothing is to be loaded. */
  load?(): Promise<void>;
  /** @param progress called with the share that is done, 0 … 1, where that takes long */
  perform(progress?: Progress): Performed<Answer>;
  /** Performs it in little time, without `load`; null: it takes more. Absent: `perform` does, where the effort is small. */
  performLightly?(): Performed<Answer> | null;
}

export type Progress = (share: number) => void;

export interface Performed<Answer> {
  readonly answer: Answer;
  /** The plan that was made on the way, if one was. */
  readonly plan?: Plan;
  /** What the caller may keep, where it keeps anything: plain data. */
  readonly learnt?: unknown;
  /** Why there is no answer after all, though something may have been learnt. */
  readonly refusal?: ApiError;
}
