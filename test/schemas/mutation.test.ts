import fc from 'fast-check';
import { test } from 'tap';
import { answerChecks, example, post, service } from '../support/service.ts';
import { mutations } from './mutations.ts';

const RUNS = 500;
const ANSWERS = {
  '/optimize': ['Plan', example('/optimize', 'scarce cards')],
  '/analyze': ['Analysis', example('/analyze', 'a curve')],
  '/size': ['Sizing', example('/size', 'targets')],
  '/concurrency': ['Concurrency', example('/concurrency', 'targets')],
  '/inferno/optimizeOne': ['InfernoAnswer', example('/inferno/optimizeOne', 'system')],
} as const;

for (const [url, [name, body]] of Object.entries(ANSWERS)) {
  test(`Whatever is done to a body of ${url}, the answer is a valid one or a valid refusal`, async (t) => {
    const app = await service(t);
    const faultsOf = answerChecks(app);
    const seen = new Map<number, number>();
    const property = fc.asyncProperty(mutations(body), async (text) => {
      const answer = await post(app, url, text);
      seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
      if (![200, 400, 422].includes(answer.status)) throw new Error(`${answer.status}: ${answer.text}`);
      const faults = faultsOf(answer.status === 200 ? name : 'Problem', answer.body);
      if (faults.length > 0) throw new Error(`${JSON.stringify(faults)} in ${answer.text}`);
      if (answer.status !== 200 && (answer.body as { errors: unknown[] }).errors.length === 0)
        throw new Error('a refusal that names no fault');
    });
    const result = await fc.check(property, { seed: 20_260_601, numRuns: RUNS });
    t.notOk(
      result.failed,
      `${result.errorInstance} with ${fc.stringify(result.counterexample)}`.slice(0, 3000),
    );
    t.ok((seen.get(200) ?? 0) > RUNS / 20, `some are answered: ${JSON.stringify([...seen])}`);
    t.ok((seen.get(400) ?? 0) > RUNS / 20, 'some are refused');
  });
}
