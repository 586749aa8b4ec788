// A replica with continuous batching written plainly: every iteration looks at every request anew, nothing is summed up and kept. It is
// written from the rules alone, shares no code with the simulator, and tells when each request got what.

export interface PlainRequest {
  readonly arrivalMs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
}

export interface PlainReplica {
  readonly maxBatchSize: number;
  readonly maxQueueLength: number;
  readonly maxBatchTokens: number;
  readonly kvCacheTokens: number;
  readonly alphaMs: number;
  readonly betaMsPerToken: number;
  readonly decodeMsPerToken: number;
  readonly gammaMsPerToken2: number;
  readonly prefillMsPerToken2: number;
  readonly prefillMsPerToken: number;
  readonly requestOverheadMs: number;
}

/** What became of a request; NaN: it did not come to that. */
export interface PlainFate {
  isLost: boolean;
  admittedMs: number;
  firstTokenMs: number;
  lastTokenMs: number;
  residualMs: number;
  preemptions: number;
}

export interface PlainRun {
  readonly fates: readonly PlainFate[];
  readonly iterations: number;
}

interface Present {
  readonly request: PlainRequest;
  readonly fate: PlainFate;
  written: number;
  prefilled: number;
  isDecoding: boolean;
}

/** @param requests in the order of their arrival; a second one of the same moment comes when the first has begun an iteration */
export function plainSimulation(requests: readonly PlainRequest[], replica: PlainReplica): PlainRun {
  const fates = requests.map(newFate);
  const waiting: Present[] = [];
  const batch: Present[] = [];
  let arrived = 0;
  let now = 0;
  let iterations = 0;

  const arrive = (residualMs: number) => {
    const request = requests[arrived];
    const fate = fates[arrived++];
    const { maxBatchSize, maxQueueLength, kvCacheTokens } = replica;
    if (
      batch.length + waiting.length >= maxBatchSize + maxQueueLength ||
      request.inputTokens + request.outputTokens > kvCacheTokens
    ) {
      fate.isLost = true;
      return;
    }
    fate.residualMs = residualMs;
    waiting.push({ request, fate, written: 0, prefilled: 0, isDecoding: false });
  };

  for (;;) {
    if (batch.length === 0 && waiting.length === 0) {
      if (arrived === requests.length) return { fates, iterations };
      now = requests[arrived].arrivalMs;
      arrive(0);
      continue;
    }
    preempt(batch, waiting, replica);
    const endMs = now + iterationMs(batch, waiting, replica, now);
    iterations++;
    while (arrived < requests.length && requests[arrived].arrivalMs <= endMs)
      arrive(endMs - requests[arrived].arrivalMs);
    now = endMs;
    for (const present of [...batch]) {
      if (step(present, now, replica)) batch.splice(batch.indexOf(present), 1);
    }
  }
}

const newFate = (): PlainFate => ({
  isLost: false,
  admittedMs: Number.NaN,
  firstTokenMs: Number.NaN,
  lastTokenMs: Number.NaN,
  residualMs: 0,
  preemptions: 0,
});

/** Tokens to be in the KV cache before the next is written. */
const contextOf = ({ request, written }: Present) => request.inputTokens + written;

/** With the token that each is to write. */
function kvTokens(batch: readonly Present[]): number {
  return batch.reduce((sum, present) => sum + contextOf(present) + 1, 0);
}

function preempt(batch: Present[], waiting: Present[], { kvCacheTokens }: PlainReplica): void {
  while (kvTokens(batch) > kvCacheTokens) {
    const last = batch.pop()!;
    last.prefilled = 0;
    last.isDecoding = false;
    last.fate.preemptions++;
    waiting.unshift(last);
  }
}

/** Admits who has a place, does the prefill of the iteration, and tells how long it takes. */
function iterationMs(batch: Present[], waiting: Present[], replica: PlainReplica, now: number): number {
  const decoding = batch.filter((present) => present.isDecoding);
  let computed = decoding.length;
  let prefilled = 0;
  let read = kvTokens(decoding);
  let attended = 0;
  const budget = () => replica.maxBatchTokens - computed;
  const chunk = (present: Present) => {
    const from = present.prefilled;
    const to = Math.min(contextOf(present), from + budget());
    computed += to - from;
    prefilled += to - from;
    read += to;
    attended += to ** 2 - from ** 2;
    present.prefilled = to;
  };
  for (const present of batch) if (!present.isDecoding && budget() > 0) chunk(present);
  while (waiting.length > 0 && batch.length < replica.maxBatchSize && budget() > 0) {
    const [first] = waiting;
    if (kvTokens(batch) + contextOf(first) + 1 > replica.kvCacheTokens) break;
    batch.push(waiting.shift()!);
    first.prefilled = Math.min(first.request.cachedInputTokens, contextOf(first));
    if (Number.isNaN(first.fate.admittedMs)) first.fate.admittedMs = now;
    chunk(first);
  }
  const { alphaMs, betaMsPerToken, decodeMsPerToken, gammaMsPerToken2, prefillMsPerToken2 } = replica;
  const tokensMs = decodeMsPerToken * decoding.length + betaMsPerToken * prefilled;
  return alphaMs + tokensMs + gammaMsPerToken2 * read + prefillMsPerToken2 * attended;
}

/** What the end of an iteration means to one in the batch; true: it is done. */
function step(present: Present, now: number, replica: PlainReplica): boolean {
  const { request, fate } = present;
  if (!present.isDecoding) {
    present.isDecoding = present.prefilled >= contextOf(present);
    return false;
  }
  const ownMs = replica.prefillMsPerToken - replica.betaMsPerToken;
  const shownMs = now + replica.requestOverheadMs + ownMs * (request.inputTokens - request.cachedInputTokens);
  if (Number.isNaN(fate.firstTokenMs)) fate.firstTokenMs = shownMs;
  present.written++;
  if (present.written < request.outputTokens) return false;
  fate.lastTokenMs = shownMs;
  return true;
}
