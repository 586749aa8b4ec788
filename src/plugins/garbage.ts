import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Between two collections (ms): each takes some ten milliseconds of the thread that serves. */
const LEAST_INTERVAL_MS = 1_000;

let collect: (() => void) | undefined;
let lastMs = Number.NEGATIVE_INFINITY;

/** Collects garbage that V8 has no reason to collect by itself: memory that threads share, or that of a process that has become idle. */
export function collectGarbage(): void {
  const now = performance.now();
  if (now - lastMs < LEAST_INTERVAL_MS) return;
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  lastMs = performance.now();
}
