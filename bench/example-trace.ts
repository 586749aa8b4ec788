import { arrivalTimes } from '../src/simulator/arrivals.ts';
import { randomStreams } from '../src/simulator/random.ts';
import { requestSizes } from '../src/simulator/token-lengths.ts';

// The trace of the examples: node dist/bench/write-example-trace.js > examples/replay-trace.csv

const SEED = 20;
const MINUTES = 40;
const LEAST_PER_SEC = 0.8;
const MOST_PER_SEC = 5;
/** Minutes in which more come than the day would have it. */
const BURSTS = [7, 8, 25, 26, 27];
const BURST_FACTOR = 1.6;

/** A day in forty minutes: few requests, a peak, few again, a burst on the way up and one on the way down; lognormal sizes. */
export function exampleTrace(): string {
  const [ofTimes, ofSizes] = randomStreams(SEED, 2);
  const rates = Array.from({ length: MINUTES }, (_, minute) => {
    const day = Math.sin((Math.PI * (minute + 0.5)) / MINUTES) ** 2;
    const factor = BURSTS.includes(minute) ? BURST_FACTOR : 1;
    const requestsPerSec = factor * (LEAST_PER_SEC + (MOST_PER_SEC - LEAST_PER_SEC) * day);
    return { fromSec: 60 * minute, requestsPerSec };
  });
  rates.push({ fromSec: 60 * MINUTES, requestsPerSec: 0 });
  const next = arrivalTimes({ kind: 'rates', rates, cv: 1.2 }, 0, ofTimes);
  const lengths = { input: { kind: 'lognormal', cv: 1.1 }, output: { kind: 'lognormal', cv: 0.8 } } as const;
  const sizes = requestSizes(lengths, { inputTokens: 900, outputTokens: 200 }, ofSizes, ofSizes);
  const rows = ['arrived_at,num_prefill_tokens,num_decode_tokens'];
  for (let atMs = next(); atMs < Number.POSITIVE_INFINITY; atMs = next()) {
    sizes.next();
    rows.push(`${(atMs / 1000).toFixed(2)},${Math.min(sizes.inputTokens, 7000)},${sizes.outputTokens}`);
  }
  return `${rows.join('\n')}\n`;
}
