import { parse } from 'secure-json-parse';
import { ApiError, type ProblemCode } from '../errors.ts';
import type { Registry } from '../registry.ts';
import { type Check, type RequestName, requestChecks } from '../schemas/checker.ts';
import type { Limits } from '../schemas/limits.ts';
import type { Plan } from '../schemas/plan.ts';
import type { Fault } from '../schemas/problem.ts';
import type { Operation, Performed, Prepared, Progress } from './operation.ts';
import { OPERATIONS, type OperationName } from './operations.ts';

/** What a plan comes to, for the metrics. */
export interface PlanSummary {
  readonly solver: string;
  readonly termination: string;
  readonly status: string;
  readonly solveSec: number;
  readonly servers: number;
  readonly shortfalls: Readonly<Record<string, number>>;
}

/** Plain data: it crosses from a worker thread. An answer is bytes, which are written faster than a text is. */
export type Outcome =
  | {
      readonly kind: 'answered';
      readonly body: Uint8Array;
      /** The body is compressed; absent: it is not. */
      readonly isGzip?: boolean;
      readonly plan: PlanSummary | null;
      readonly learnt?: unknown;
    }
  | {
      readonly kind: 'refused';
      readonly code: ProblemCode;
      readonly detail: string;
      readonly faults: readonly Fault[];
      readonly learnt?: unknown;
    }
  /** It would take more effort than was allowed; nothing was solved. */
  | { readonly kind: 'heavy' };

type Told = Exclude<Outcome, { readonly kind: 'heavy' }>;

/** Answers posted bodies: parsed, checked, weighed, performed, written. Keeps nothing between two bodies. */
export class Answerer {
  readonly #registry: Registry;
  readonly #checks: Readonly<Record<RequestName, Check>>;

  constructor(registry: Registry, limits: Limits) {
    this.#registry = registry;
    this.#checks = requestChecks(registry, limits);
  }

  /**
   * Answers, however long it takes.
   *
   * @param known what the caller has kept from earlier answers, for operations that learn
   * @param progress called with the share that is done, first when the body has been found valid, with 0
   * @throws only on a fault of the program or of a plug-in
   */
  async answer(
    name: OperationName,
    bytes: Uint8Array,
    known?: unknown,
    progress?: Progress,
  ): Promise<Outcome> {
    try {
      const prepared = this.#prepare(name, bytes, known);
      await prepared.load?.();
      progress?.(0);
      return answered(prepared.perform(progress));
    } catch (error) {
      return refused(error);
    }
  }

  /**
   * Answers what takes little time; says of all else that it is heavy.
   *
   * @param maxEffort what may be spent here, in sizings of a closed-form station
   * @throws only on a fault of the program or of a plug-in
   */
  answerLightly(name: OperationName, bytes: Uint8Array, maxEffort: number, known?: unknown): Outcome {
    try {
      const prepared = this.#prepare(name, bytes, known);
      if (prepared.effort > maxEffort) return { kind: 'heavy' };
      const performed = prepared.performLightly ? prepared.performLightly() : prepared.perform();
      return performed ? answered(performed) : { kind: 'heavy' };
    } catch (error) {
      return refused(error);
    }
  }

  /** @throws ApiError with every fault of the body */
  #prepare(name: OperationName, bytes: Uint8Array, known: unknown): Prepared<unknown> {
    const operation = OPERATIONS[name] as Operation<unknown, unknown, unknown>;
    const { normalize } = operation;
    // A foreign form passes over what it does not know, whatever it is called.
    const parsed = parsedJson(bytes, normalize ? 'remove' : 'error');
    const body = normalize ? normalize(parsed) : parsed;
    const faults = this.#checks[operation.request](body);
    if (faults.length > 0) throw ApiError.ofFaults(faults);
    return operation.prepare(body, this.#registry, known);
  }
}

function answered({ answer, plan, learnt, refusal }: Performed<unknown>): Told {
  const outcome: Told = refusal
    ? refused(refusal)
    : { kind: 'answered', body: Buffer.from(JSON.stringify(answer)), plan: plan ? summaryOf(plan) : null };
  return learnt === undefined ? outcome : { ...outcome, learnt };
}

function refused(error: unknown): Told {
  if (!(error instanceof ApiError)) throw error;
  return { kind: 'refused', code: error.code, detail: error.message, faults: error.faults };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** @throws ApiError that says where the text stops being JSON */
function parsedJson(bytes: Uint8Array, harmfulKeys: 'remove' | 'error'): unknown {
  if (bytes.length === 0) throw unreadable('is empty; send JSON');
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    // Replaced by question marks, a name would be another.
    throw unreadable('is not UTF-8');
  }
  try {
    return parse(text, { protoAction: harmfulKeys, constructorAction: harmfulKeys });
  } catch (error) {
    throw unreadable(`cannot be read as JSON: ${(error as Error).message}`);
  }
}

function unreadable(message: string): ApiError {
  return new ApiError('malformed-input', 'The body cannot be read.', [{ path: '', message }]);
}

function summaryOf({ solver, status, servers }: Plan): PlanSummary {
  const shortfalls: Record<string, number> = {};
  for (const { shortfall } of servers) {
    if (shortfall) shortfalls[shortfall.code] = (shortfalls[shortfall.code] ?? 0) + 1;
  }
  return {
    solver: solver.name,
    termination: solver.termination,
    status,
    solveSec: solver.solveMs / 1000,
    servers: servers.length,
    shortfalls,
  };
}
