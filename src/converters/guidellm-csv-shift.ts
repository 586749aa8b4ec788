import type { RequestCounts } from './benchmark-run.ts';

// GuideLLM before 0.7 writes the header of the first run only, and leaves out the four columns of every distribution whose sum is 0.
// So a run with failed requests has more columns than the header, and its cells stand below other names. Which they are is found
// again: each metric has a block for successful requests, perhaps one for incomplete and perhaps one for errored ones, in that
// order; and of all ways to deal out the blocks, few agree with what is known of the run.

/** A metric of the header, "group|unit". */
export const SHIFTED = {
  latency: 'Request Latency|Sec',
  iterations: 'Streaming Iterations|Count',
  ttft: 'Time to First Token|ms',
  perOutputToken: 'Time per Output Token|ms',
  itl: 'Inter Token Latency|ms',
  rate: 'Server Throughput|Requests/Sec',
  concurrency: 'Server Throughput|Concurrency',
  inputTokens: 'Token Metrics|Input Tokens',
  outputTokens: 'Token Metrics|Output Tokens',
  totalTokens: 'Token Metrics|Total Tokens',
} as const;
/** All of them, as those versions begin: in this order. */
const NEEDED: readonly string[] = Object.values(SHIFTED);

/** A block of four columns: mean, median, standard deviation, percentiles. */
interface Block {
  readonly at: number;
  readonly mean: number;
  readonly stdDev: number;
  /** Whether all its percentiles are whole: they are values that occurred. */
  readonly isWhole: boolean;
}

type Status = 'incomplete' | 'errored';

/** What a status must have where it has the metric that names it: who got a second token had a first, and so on. */
const IMPLIED: Readonly<Record<string, readonly string[]>> = {
  [SHIFTED.ttft]: [SHIFTED.iterations],
  [SHIFTED.itl]: [SHIFTED.ttft, SHIFTED.perOutputToken],
};

/** Counts by request. */
const WHOLE: ReadonlySet<string> = new Set([
  SHIFTED.iterations,
  SHIFTED.inputTokens,
  SHIFTED.outputTokens,
  SHIFTED.totalTokens,
]);

/** Relative error up to which figures that follow from one another agree: runs are cut at both ends. */
const AGREEMENT = 0.05;
const ROUNDING = 1e-9;
/** A real row takes some hundreds at most. */
const MAX_STEPS = 3_000;

/**
 * Where the blocks of successful requests begin in a row with shifted columns: `metrics` in the order of the header, `first` the column of
 * the first block. undefined: nothing fits, or more than one thing does.
 */
export function shiftedColumns(
  metrics: readonly string[],
  row: readonly string[],
  first: number,
  counts: RequestCounts,
  durationSec: number,
): ReadonlyMap<string, number> | undefined {
  if (NEEDED.some((metric, index) => metrics[index] !== metric)) return undefined;
  const blocks = blocksOf(row, first);
  const failed = (['incomplete', 'errored'] as const).filter((status) => counts[status] > 0);
  const placed = new Map<string, Block>();
  const present = new Map<Status, Set<string>>(failed.map((status) => [status, new Set()]));
  /** By the columns: which kind of failure a block is of makes no difference. */
  const found = new Map<string, ReadonlyMap<string, number>>();
  let steps = 0;

  const place = (metric: number, next: number): void => {
    if (found.size > 1 || ++steps > MAX_STEPS) return;
    if (metric === NEEDED.length) {
      const columns = new Map([...placed].map(([name, { at }]) => [name, at]));
      found.set([...columns.values()].join(), columns);
      return;
    }
    const name = NEEDED[metric];
    if (next >= blocks.length) return;
    if (WHOLE.has(name) && !blocks[next].isWhole) return;
    placed.set(name, blocks[next]);
    if (agrees(name, placed, counts, durationSec)) placeFailed(metric, next + 1, 0);
    placed.delete(name);
  };
  /** Deals out the blocks of failed requests that may follow the successful ones of a metric. */
  const placeFailed = (metric: number, next: number, status: number): void => {
    if (status === failed.length) {
      place(metric + 1, next);
      return;
    }
    placeFailed(metric, next, status + 1);
    const has = present.get(failed[status])!;
    const name = NEEDED[metric];
    const isSingle = counts[failed[status]] === 1 && !name.startsWith('Server');
    if (next >= blocks.length || (isSingle && blocks[next].stdDev !== 0)) return;
    if (WHOLE.has(name) && !blocks[next].isWhole) return;
    if (IMPLIED[name]?.some((implied) => !has.has(implied))) return;
    has.add(name);
    placeFailed(metric, next + 1, status + 1);
    has.delete(name);
  };
  place(0, 0);
  return found.size === 1 && steps <= MAX_STEPS ? [...found.values()][0] : undefined;
}

/** Whether the block just placed for a metric agrees with those before it and with what is known of the run. */
function agrees(
  metric: string,
  placed: ReadonlyMap<string, Block>,
  counts: RequestCounts,
  durationSec: number,
): boolean {
  const mean = (name: string) => placed.get(name)!.mean;
  switch (metric) {
    case SHIFTED.rate:
      return near(mean(metric) * durationSec, counts.successful, 2);
    case SHIFTED.concurrency:
      // Little: in flight = rate · latency.
      return near(mean(metric), mean(SHIFTED.rate) * mean(SHIFTED.latency), 0.05);
    case SHIFTED.outputTokens: {
      // Latency = TTFT + ITL · (output tokens − 1), of means too: that of ITL is weighted by tokens.
      const decodeMs = mean(SHIFTED.itl) * (mean(metric) - 1);
      return near(mean(SHIFTED.ttft) + decodeMs, 1000 * mean(SHIFTED.latency), 1);
    }
    case SHIFTED.totalTokens: {
      const sum = mean(SHIFTED.inputTokens) + mean(SHIFTED.outputTokens);
      return Math.abs(mean(metric) - sum) <= ROUNDING * sum;
    }
    default:
      return true;
  }
}

function near(actual: number, expected: number, absolute: number): boolean {
  return Math.abs(actual - expected) <= Math.max(AGREEMENT * Math.abs(expected), absolute);
}

function blocksOf(row: readonly string[], first: number): Block[] {
  const blocks: Block[] = [];
  for (let at = first; row[at + 3]?.startsWith('['); at += 4) {
    const [mean, , stdDev] = row.slice(at, at + 3).map(Number);
    blocks.push({
      at,
      mean,
      stdDev,
      isWhole: !/\.\d*[1-9]/.test(row[at + 3]),
    });
  }
  return blocks;
}
