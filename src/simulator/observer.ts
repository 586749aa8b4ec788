import type { SimulatedRequest } from './request.ts';

/** What is told of all that happens in a replica. */
export interface Observer {
  /** Enough is known: replicas stop where they are. */
  readonly isSpent?: boolean;
  /** An iteration of so many ms with so many requests in the batch is over. */
  iterated(startMs: number, durationMs: number, inBatch: number): void;
  /** So many requests got their next token so long (ms) after the one before. */
  gaps(gapMs: number, count: number): void;
  completed(request: SimulatedRequest): void;
  preempted(request: SimulatedRequest): void;
  /** It was turned away, or was in a replica that stopped. */
  lost(request: SimulatedRequest): void;
}
