import { test } from 'tap';
import { fitRequest, pointsToFit } from '../../src/operations/fit-request.ts';
import { analyzeRequest } from '../../src/operations/station-requests.ts';
import { loadRegistry } from '../../src/registry.ts';
import type { FitRequest } from '../../src/schemas/fit.ts';
import { sharedJson, skippedWithout } from '../support/shared-data.ts';

const SWEEPS = 'data/guidellm/llama-3.1-8b-h100';
const LENGTHS = [64, 256, 1024, 4096];
const fileOf = (input: number, output: number) => `${SWEEPS}/sweep-i${input}-o${output}.json`;

const skip = skippedWithout(SWEEPS);

test('a law is the more wrong about measured latencies the farther outside it is asked', {
  skip,
}, async (t) => {
  const registry = await loadRegistry();
  const requestOf = (files: readonly string[]): FitRequest => ({
    reports: files.map((file) => sharedJson<Record<string, unknown>[]>(file)),
    terms: [],
    laws: ['linear'],
  });
  const all = LENGTHS.flatMap((input) => LENGTHS.map((output) => fileOf(input, output)));
  const short = [64, 256].flatMap((input) => [64, 256].map((output) => fileOf(input, output)));
  const { serviceTime, observedRange } = fitRequest(
    requestOf(short),
    pointsToFit(requestOf(short)),
    registry,
  );
  const errors: { fraction: number; error: number }[] = [];
  for (const { shown } of pointsToFit(requestOf(all))) {
    if (!shown.counts) continue;
    const { inputTokens, outputTokens, requestsPerSec, itlMs } = shown as Record<
      'inputTokens' | 'outputTokens' | 'requestsPerSec' | 'itlMs',
      number
    >;
    const station = { serviceTime, observedRange, maxBatchSize: 256, inputTokens, outputTokens };
    const [point] = analyzeRequest({ station, requestsPerSec }, registry).points;
    errors.push({ fraction: point.extrapolation!.fraction, error: Math.abs(point.itlMs! / itlMs - 1) });
  }
  t.equal(errors.length, 112);
  const median = (from: number, below: number) => {
    const within = errors.filter(({ fraction }) => fraction >= from && fraction < below);
    return within.map(({ error }) => error).sort((a, b) => a - b)[Math.floor(within.length / 2)];
  };
  const [inside, outside, far] = [median(0, 0.1), median(0.1, 4), median(4, Number.POSITIVE_INFINITY)];
  // 6, 11 and 17 %, as the README has it.
  t.ok(inside < 0.08 && outside > 1.4 * inside && far > 1.4 * outside, `${inside} ${outside} ${far}`);
});
