import { test } from 'tap';
import { type Driven, drive } from '../support/driven-replica.ts';
import type { PlainReplica } from '../support/plain-simulation.ts';
import { forAll, near } from '../support/properties.ts';
import { type Workload, workloads } from '../support/workloads.ts';

const RUNS = 500;
const ROUNDING_MS = 1e-9;
const NOTHING = {
  alphaMs: 0,
  betaMsPerToken: 0,
  decodeMsPerToken: 0,
  gammaMsPerToken2: 0,
  prefillMsPerToken: 0,
  prefillMsPerToken2: 0,
  requestOverheadMs: 0,
};

/** @param times other than those of the workload */
function driven({ replica, requests }: Workload, times: Partial<PlainReplica> = {}): Driven {
  return drive(requests, { limits: replica, ...replica, ...times });
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

test('every request is completed or lost, once', async (t) => {
  forAll(
    t,
    'completed or lost',
    workloads,
    (workload) => {
      const { requests, isTaken, completed, lost } = driven(workload);
      const taken = requests.filter((_, i) => isTaken[i]);
      return (
        lost.length === 0 && completed.length === taken.length && new Set(completed).size === taken.length
      );
    },
    RUNS,
  );
});

test('those that a replica has when it stops are lost, the others complete', async (t) => {
  let stopped = 0;
  forAll(
    t,
    'completed or lost',
    workloads,
    (workload) => {
      const middle = workload.requests[workload.requests.length >> 1].arrivalMs;
      const early = workload.requests.filter(({ arrivalMs }) => arrivalMs <= middle);
      const { requests, isTaken, completed, lost } = drive(
        early,
        { limits: workload.replica, ...workload.replica },
        middle + 5,
      );
      const taken = requests.filter((_, i) => isTaken[i]);
      const ended = [...completed, ...lost];
      stopped += lost.length;
      return ended.length === taken.length && new Set(ended).size === taken.length;
    },
    RUNS,
  );
  t.ok(stopped > RUNS, `${stopped} requests lost`);
});

test('a request has one gap less than it has tokens, and its gaps add up to the time between its first and last', async (t) => {
  forAll(
    t,
    'gaps',
    workloads,
    (workload) => {
      const { completed, gaps } = driven(workload);
      const tokens = sum(completed.map(({ outputTokens }) => outputTokens - 1));
      const between = completed.map(({ firstTokenMs, lastTokenMs }) => lastTokenMs - firstTokenMs);
      near(sum(gaps.map(({ count }) => count)), tokens, 0, 0, 'gaps');
      return near(sum(gaps.map(({ gapMs, count }) => gapMs * count)), sum(between), 1e-9, 1e-9, 'their sum');
    },
    RUNS,
  );
});

test("time in service adds up to the batch's size over time", async (t) => {
  const roomy = workloads.map(({ replica, requests }) => ({
    requests,
    replica: { ...replica, kvCacheTokens: Number.POSITIVE_INFINITY },
  }));
  forAll(
    t,
    "Little's law",
    roomy,
    (workload) => {
      const { completed, iterations } = driven(workload, {
        prefillMsPerToken: undefined,
        requestOverheadMs: 0,
      });
      const inService = completed.map(({ admittedMs, lastTokenMs }) => lastTokenMs - admittedMs);
      const areas = iterations.map(({ durationMs, inBatch }) => durationMs * inBatch);
      return near(sum(areas), sum(inService), 1e-9, 0, 'area');
    },
    RUNS,
  );
});

test('a replica works without a break while it has requests, and never when it has none', async (t) => {
  forAll(
    t,
    'iterations follow one another',
    workloads,
    (workload) => {
      const { requests, isTaken, iterations } = driven(workload, {
        prefillMsPerToken: undefined,
        requestOverheadMs: 0,
      });
      let end = Number.NEGATIVE_INFINITY;
      for (const { startMs, durationMs, inBatch } of iterations) {
        if (inBatch < 1 || startMs < end - ROUNDING_MS) return false;
        // After a break it begins with an arrival, all that came before being done.
        if (startMs > end + ROUNDING_MS) {
          const taken = requests.filter((_, i) => isTaken[i]);
          if (!taken.some(({ arrivalMs }) => arrivalMs === startMs)) return false;
          if (
            taken.some(({ arrivalMs, lastTokenMs }) => arrivalMs < startMs && lastTokenMs > end + ROUNDING_MS)
          )
            return false;
        }
        end = startMs + durationMs;
      }
      return true;
    },
    RUNS,
  );
});

test('requests are admitted in the order in which they came', async (t) => {
  forAll(
    t,
    'first come, first served',
    workloads,
    (workload) => {
      const { requests, isTaken } = driven(workload);
      const admitted = requests.filter((_, i) => isTaken[i]).map(({ admittedMs }) => admittedMs);
      return admitted.every((ms, i) => i === 0 || ms >= admitted[i - 1]);
    },
    RUNS,
  );
});

test('no batch exceeds its limit, and no iteration its budget of tokens unless by its decode steps', async (t) => {
  // An iteration that takes a millisecond per computed token tells how many it computed.
  forAll(
    t,
    'N and C',
    workloads,
    (workload) => {
      const { maxBatchSize, maxBatchTokens } = workload.replica;
      const { iterations } = driven(workload, { ...NOTHING, betaMsPerToken: 1, prefillMsPerToken: 1 });
      return iterations.every(
        ({ durationMs, inBatch }) =>
          inBatch <= maxBatchSize && durationMs <= Math.max(maxBatchTokens, inBatch) + 1e-6,
      );
    },
    RUNS,
  );
});

test('no iteration reads more context than the KV cache holds', async (t) => {
  // A millisecond per token read.
  let tight = 0;
  forAll(
    t,
    'KV cache',
    workloads,
    (workload) => {
      const { kvCacheTokens } = workload.replica;
      const { iterations } = driven(workload, { ...NOTHING, gammaMsPerToken2: 1 });
      const most = Math.max(0, ...iterations.map(({ durationMs }) => durationMs));
      if (most > 0.9 * kvCacheTokens) tight++;
      return most <= kvCacheTokens + 1e-6;
    },
    RUNS,
  );
  t.ok(tight > RUNS / 20, `all but full in ${tight} of ${RUNS} workloads`);
});
