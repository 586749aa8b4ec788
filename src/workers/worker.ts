import { constants, setPriority } from 'node:os';
import type { MessagePort } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol, workerData } from 'piscina';
import { Answerer, type Outcome } from '../operations/answerer.ts';
import type { Progress } from '../operations/operation.ts';
import type { OperationName } from '../operations/operations.ts';
import { DEFAULT_SOLVER, FALLBACK_SOLVER } from '../operations/optimize-request.ts';
import { loadRegistry, type Registry } from '../registry.ts';
import type { Limits } from '../schemas/limits.ts';
import type { Problem, Solution, Solver } from '../solvers/solver.ts';
import { compressed } from './compressed.ts';

// What a worker thread runs: it loads the strategies for itself, then answers one body after the other.

export interface WorkerData {
  readonly pluginDirectory: string;
  readonly limits: Limits;
}

export interface Task {
  readonly operation: OperationName;
  readonly bytes: Uint8Array;
  /** What the caller has kept from earlier answers. */
  readonly known?: unknown;
  /** Who asked takes gzip. */
  readonly gzip?: boolean;
  /** Workers have died of this request: solvers that may be the cause are not asked again. */
  readonly fallback?: boolean;
  /** Where it tells how far it is: shares, 0 … 1. */
  readonly progress?: MessagePort;
}

/** Between two reports of how far it is (ms). */
const REPORT_EVERY_MS = 100;

/** What comes back: an outcome, or the stack of an error that nobody expected. */
export type Reply = Outcome | { readonly kind: 'failed'; readonly stack: string };

// Where threads have priorities of their own, as on Linux, the one that serves does not wait for those that solve.
if (process.platform === 'linux') {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A sandbox may forbid it; then they share.
  }
}

const { pluginDirectory, limits } = workerData as WorkerData;
const registry = await loadRegistry(pluginDirectory);
const answerer = new Answerer(registry, limits);
await registry.solvers.get(DEFAULT_SOLVER)?.load?.();

/** The bytes of an answer are handed over, not copied. */
export default async function answer({
  operation,
  bytes,
  known,
  gzip,
  fallback,
  progress,
}: Task): Promise<Reply> {
  try {
    const able = fallback ? new Answerer(withoutHeavySolvers(registry), limits) : answerer;
    const told = await able.answer(operation, bytes, known, progress && reporter(progress));
    const outcome = gzip ? compressed(told) : told;
    if (outcome.kind !== 'answered') return outcome;
    // Small buffers share their memory with others; what is handed over must be its own.
    const isOwn = outcome.body.byteLength === outcome.body.buffer.byteLength;
    const body = isOwn ? outcome.body : new Uint8Array(outcome.body);
    return move({
      [transferableSymbol]: body.buffer,
      [valueSymbol]: { ...outcome, body },
    }) as unknown as Reply;
  } catch (error) {
    return { kind: 'failed', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** Tells now and then how far it is. */
function reporter(port: MessagePort): Progress {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (share) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < REPORT_EVERY_MS) return;
    lastMs = nowMs;
    port.postMessage(share);
  };
}

/** The same names; what makes no promise about its time has `greedy` in its place. */
function withoutHeavySolvers({ solvers, ...others }: Registry): Registry {
  const greedy = solvers.get(FALLBACK_SOLVER)!;
  const replaced = [...solvers].map(([name, solver]): [string, Solver] => {
    if (solver.isLight) return [name, solver];
    const { summary, options } = solver;
    const solve = (problem: Problem): Solution => ({ ...greedy.solve(problem, {}), termination: 'fallback' });
    return [name, { name, summary, options, solve }];
  });
  return { ...others, solvers: new Map(replaced) };
}
