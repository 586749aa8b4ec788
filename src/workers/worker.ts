import { move, transferableSymbol, valueSymbol, workerData } from 'piscina';
import { Answerer, type Outcome } from '../operations/answerer.ts';
import type { OperationName } from '../operations/operations.ts';
import { loadRegistry } from '../registry.ts';
import type { Limits } from '../schemas/limits.ts';

// What a worker thread runs: it loads the strategies for itself, then answers one body after the other.

export interface WorkerData {
  readonly pluginDirectory: string;
  readonly limits: Limits;
}

export interface Task {
  readonly operation: OperationName;
  readonly bytes: Uint8Array;
}

/** What comes back: an outcome, or the stack of an error that nobody expected. */
export type Reply = Outcome | { readonly kind: 'failed'; readonly stack: string };

const { pluginDirectory, limits } = workerData as WorkerData;
const answerer = new Answerer(await loadRegistry(pluginDirectory), limits);

/** The bytes of an answer are handed over, not copied. */
export default function answer({ operation, bytes }: Task): Reply {
  try {
    const outcome = answerer.answer(operation, bytes, Number.POSITIVE_INFINITY);
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
