import { test } from 'tap';
import iteration from '../../src/queueing/models/iteration.ts';
import { newMetrics } from '../../src/queueing/queue-model.ts';
import type { Station } from '../../src/schemas/station.ts';

const NODES = 400;
const FAR = 40;

/** E[f(X)] for X exponential of mean 1, by Simpson's rule. */
function mean(f: (x: number) => number): number {
  const h = FAR / NODES;
  let sum = 0;
  for (let i = 0; i <= NODES; i++)
    sum += (i === 0 || i === NODES ? 1 : i % 2 === 1 ? 4 : 2) * f(i * h) * Math.exp(-i * h);
  return (sum * h) / 3;
}

/** Time in service of a request alone: one prefill, m steps, each of which reads what is written. */
function aloneMs(
  { alphaMs, betaMsPerToken, gammaMsPerToken2 }: Required<Station>['serviceTime'],
  input: number,
  output: number,
) {
  const context = input * output + (output * (output + 1)) / 2;
  return alphaMs * (1 + output) + betaMsPerToken * (input + output) + gammaMsPerToken2 * (input + context);
}

const SERVICE_TIMES = {
  context: { alphaMs: 2, betaMsPerToken: 0.01, gammaMsPerToken2: 2e-4 },
  fixed: { alphaMs: 20, betaMsPerToken: 0.01, gammaMsPerToken2: 1e-6 },
  prefill: { alphaMs: 1, betaMsPerToken: 2, gammaMsPerToken2: 1e-6 },
};

for (const [name, serviceTime] of Object.entries(SERVICE_TIMES)) {
  for (const [inputTokens, outputTokens] of [
    [128, 1024],
    [4096, 256],
  ]) {
    test(`one place, ${name}, ${inputTokens}/${outputTokens}: the wait is that of Pollaczek and Khinchine`, (t) => {
      const moment = (k: number) =>
        mean((x) => mean((y) => aloneMs(serviceTime, x * inputTokens, y * outputTokens) ** k));
      const [first, second] = [moment(1), moment(2)];
      const station = { serviceTime, maxBatchSize: 1, maxBatchTokens: 1e7, inputTokens, outputTokens };
      const queue = iteration.prepare(station, {});
      for (const load of [0.3, 0.8]) {
        const metrics = newMetrics();
        queue.evaluate((load / first) * 1000, metrics);
        const waitMs = (load * second) / first / (2 * (1 - load));
        t.ok(Math.abs(metrics.waitMs / waitMs - 1) < 0.02, `${metrics.waitMs} for ${waitMs}`);
      }
      t.end();
    });
  }
}
