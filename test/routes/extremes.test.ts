import fc from 'fast-check';
import { test } from 'tap';
import { answerChecks, edited, example, post, service } from '../support/service.ts';

const oneOf = (...values: number[]) => fc.constantFrom(...values);
const parameter = oneOf(0, 0, Number.MIN_VALUE, 1e-300, 1e-150, 1e-12, 0.01, 20, 1e6);
const station = fc
  .record({
    serviceTime: fc
      .record({ alphaMs: parameter, betaMsPerToken: parameter, gammaMsPerToken2: parameter })
      .filter((law) => Object.values(law).some((value) => value > 0)),
    maxBatchSize: oneOf(1, 2, 3, 32, 16_384),
    inputTokens: oneOf(0, Number.MIN_VALUE, 0.5, 1, 128, 1e7),
    outputTokens: oneOf(1, 1.5, 1024, 1e7),
    maxBatchTokens: oneOf(1, 1.5, 8192, 1e7),
    maxQueueLength: oneOf(0, 1, 100_000),
    cachedShare: oneOf(0, 1e-16, 0.5, 1),
    isUnlimited: fc.boolean(),
  })
  .map(({ cachedShare, isUnlimited, maxQueueLength, ...rest }) => ({
    ...rest,
    cachedInputTokens: rest.inputTokens * cachedShare,
    ...(!isUnlimited && { maxQueueLength }),
  }));
const rate = oneOf(Number.MIN_VALUE, 1e-300, 1e-9, 0.1, 1, 1000, 1e6);
const targets = fc.record(
  {
    ttftMs: oneOf(0, 1e-300, 1e-9, 1, 1000, 1e9),
    itlMs: oneOf(0, 1e-300, 1e-9, 1, 1000, 1e9),
    minTokensPerSec: oneOf(0, Number.MIN_VALUE, 1, 1e9),
  },
  { requiredKeys: [] },
);

const BODIES = {
  '/analyze': ['Analysis', fc.record({ station, requestsPerSec: rate })],
  '/size': ['Sizing', fc.record({ station, targets, requestsPerSec: rate })],
  '/concurrency': ['Concurrency', fc.record({ station, targets })],
  '/optimize': [
    'Plan',
    fc.record({ station, targets, rate }).map(({ station, targets, rate }) => {
      const { inputTokens, outputTokens, cachedInputTokens, ...profile } = station;
      const { serviceTime, maxBatchSize, maxBatchTokens } = profile;
      return edited(example('/optimize', 'two classes'), {
        '/models/0/profiles/0': { accelerator: 'A100', serviceTime, maxBatchSize, maxBatchTokens },
        '/serviceClasses/0/targets/0': { model: 'granite_13b', ...targets },
        '/servers/0/load': { requestsPerSec: rate, inputTokens, outputTokens, cachedInputTokens },
        '/servers/0/maxQueueLength': station.maxQueueLength,
      });
    }),
  ],
} as const;

/** So near to zero that a refusal is as good as an answer. */
const isTiny = (body: unknown) => /[\d.]e-(150|300|324)/.test(JSON.stringify(body));

for (const [url, [name, bodies]] of Object.entries(BODIES)) {
  test(`${url} answers with finite numbers up to the ends of every range`, async (t) => {
    const app = await service(t);
    const faultsOf = await answerChecks(app);
    const property = fc.asyncProperty(bodies as fc.Arbitrary<unknown>, async (body) => {
      const answer = await post(app, url, body);
      if ([400, 422].includes(answer.status) && isTiny(body)) return;
      if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
      const faults = faultsOf(name, answer.body);
      if (faults.length > 0) throw new Error(`${JSON.stringify(faults)} in ${answer.text}`);
    });
    const result = await fc.check(property, { seed: 20_260_601, numRuns: 300 });
    t.notOk(
      result.failed,
      `${result.errorInstance} with ${fc.stringify(result.counterexample)}`.slice(0, 3000),
    );
  });
}
