import fc from 'fast-check';
import tap, { test } from 'tap';
import { canonicalKeys } from '../../src/inferno/canonical-keys.ts';
import { REQUESTS } from '../../src/schemas/checker.ts';
import { answerChecks, edited, example, post, service } from '../support/service.ts';
import { corruptions } from './corruptions.ts';
import { mutations } from './mutations.ts';

/** Short ones: few requests, and little work whatever becomes of their lengths. */
const simulations = edited(example('/simulate', 'replicas that change'), {
  '/requests': 200,
  '/iterations': 20_000,
  '/station/kvCacheTokens': 20_000,
  '/lengths': { input: { kind: 'lognormal', cv: 1 }, output: { kind: 'exponential' } },
  '/balancer': 'least-loaded',
});

const OPERATIONS = {
  '/optimize': ['OptimizeRequest', 'Plan', example('/optimize', 'scarce cards')],
  '/analyze': ['AnalyzeRequest', 'Analysis', example('/analyze', 'a curve')],
  '/size': ['SizeRequest', 'Sizing', example('/size', 'targets')],
  '/minimum-cards': ['MinimumCardsRequest', 'MinimumCards', example('/minimum-cards', 'one type')],
  '/compare': ['CompareRequest', 'Comparison', example('/compare', 'three solvers')],
  '/concurrency': ['ConcurrencyRequest', 'Concurrency', example('/concurrency', 'targets')],
  '/tune': ['TuneRequest', 'TuneAnswer', example('/tune', 'a seed and six observations')],
  '/simulate': ['SimulateRequest', 'SimulateAnswer', simulations],
  '/inferno/optimizeOne': ['InfernoRequest', 'InfernoAnswer', example('/inferno/optimizeOne', 'system')],
  '/inferno/merge': ['InfernoModelData', 'InfernoModelData', example('/inferno/merge', 'models')],
  '/inferno/tune': ['InfernoReplicas', 'InfernoModelData', example('/inferno/tune', 'replicas')],
} as const;

/** Bodies over all addresses; FUZZ_BODIES asks for more. */
const RUNS = Math.ceil(Number(process.env.FUZZ_BODIES || 4_000) / Object.keys(OPERATIONS).length);
// A hundred thousand bodies take a minute or two.
tap.setTimeout(600_000);

const SEED = Number(process.env.FUZZ_SEED || 20_260_601);

for (const [url, [requestName, answerName, body]] of Object.entries(OPERATIONS)) {
  test(`Whatever is done to ${RUNS} bodies of ${url}, the answer is a valid one or a valid refusal`, async (t) => {
    const app = await service(t, { environment: { INFERNO_TUNER_PAIRS: '10' } });
    const faultsOf = await answerChecks(app);
    const seen = new Map<number, number>();
    const payloads = fc.oneof(
      { weight: 4, arbitrary: mutations(body).map((text) => Buffer.from(text)) },
      { weight: 1, arbitrary: corruptions(mutations(body)) },
    );
    const property = fc.asyncProperty(payloads, async (payload) => {
      const answer = await post<{ errors: unknown[] }>(app, url, payload);
      seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
      if (![200, 400, 422].includes(answer.status)) throw new Error(`${answer.status}: ${answer.text}`);
      const faults = faultsOf(answer.status === 200 ? answerName : 'Problem', answer.body);
      if (faults.length > 0) throw new Error(`${JSON.stringify(faults)} in ${answer.text}`);
      if (answer.status !== 200) {
        if (answer.body.errors.length === 0) throw new Error('a refusal that names no fault');
        return;
      }
      // What is answered the document allows, in the eyes of a validator that is not ours.
      const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
      const request = url.startsWith('/inferno') ? canonicalKeys(REQUESTS[requestName], parsed) : parsed;
      const refusals = faultsOf(requestName, request);
      if (refusals.length > 0) throw new Error(`answered, but the schema says ${JSON.stringify(refusals)}`);
    });
    const result = await fc.check(property, { seed: SEED, numRuns: RUNS });
    t.notOk(
      result.failed,
      `${result.errorInstance} with ${fc.stringify(result.counterexample?.map(String))}`.slice(0, 3000),
    );
    t.comment(`${RUNS} bodies, answers by status: ${JSON.stringify(Object.fromEntries(seen))}`);
    t.ok((seen.get(200) ?? 0) > RUNS / 25, `some are answered: ${JSON.stringify([...seen])}`);
    t.ok((seen.get(400) ?? 0) > RUNS / 20, 'some are refused');
  });
}
