import { test } from 'tap';
import type { Comparison } from '../../src/schemas/comparison.ts';
import type { MinimumCards } from '../../src/schemas/minimum-cards.ts';
import type { Plan } from '../../src/schemas/plan.ts';
import type { TuneAnswer } from '../../src/schemas/tune.ts';
import { answerChecks, edited, example, post, refused, service } from '../support/service.ts';

const fleet = example('/optimize', 'uncertain parameters');
const PROFILE = '/models/0/profiles/0';

test('the example needs more with confidence than without', async (t) => {
  const app = await service(t);
  const faultsOf = await answerChecks(app);
  const sure = (await post<Plan>(app, '/optimize', fleet)).body;
  const likely = (await post<Plan>(app, '/optimize', edited(fleet, { '/confidence': undefined }))).body;
  t.strictSame(faultsOf('Plan', sure), []);
  t.ok(sure.totals.costPerHour > likely.totals.costPerHour);
  t.notMatch(JSON.stringify(likely), /uncertainty|sizedWith/, 'without it no word of it');
});

test('what /tune answers can be pasted into a profile', async (t) => {
  const app = await service(t);
  const tuned = await post<TuneAnswer>(app, '/tune', example('/tune', 'a seed and six observations'));
  const { serviceTime, standardErrors, correlations } = tuned.body.items[0];
  const pasted = {
    [`${PROFILE}/serviceTime`]: serviceTime,
    [`${PROFILE}/standardErrors`]: standardErrors,
    [`${PROFILE}/correlations`]: correlations,
  };
  const { status, body } = await post<Plan>(app, '/optimize', edited(fleet, pasted));
  t.equal(status, 200);
  t.same(body.uncertainty, { confidence: 0.95, takenAsTheyAre: [] });
});

test('/compare and /minimum-cards size with the confidence too', async (t) => {
  const app = await service(t);
  for (const confidence of [0.5, 0.99]) {
    const asked = edited(fleet, { '/confidence': confidence, '/capacity': undefined });
    const { totals } = (await post<Plan>(app, '/optimize', asked)).body;
    const runs = edited(asked, { '/runs': [{ solver: 'unlimited' }] });
    t.equal((await post<Comparison>(app, '/compare', runs)).body.runs[0].costPerHour, totals.costPerHour);
    const cardsOf = (plan: Plan) => plan.cards.map(({ used }) => used);
    const fewest = edited(asked, { '/type': 'G2', '/capacity': { A100: 0 } });
    const { capacity } = (await post<MinimumCards>(app, '/minimum-cards', fewest)).body;
    const onG2 = (await post<Plan>(app, '/optimize', edited(asked, { '/capacity': { A100: 0 } }))).body;
    t.same([0, capacity?.G2], cardsOf(onG2), `${confidence}`);
  }
});

test('confidence and uncertainty out of their bounds are refused', async (t) => {
  const app = await service(t);
  for (const [path, value, says] of [
    ['/confidence', 0.49, /at least 0.5; it is 0.49/],
    ['/confidence', 1, /at most 0.9999; it is 1/],
    [`${PROFILE}/standardErrors/alphaMs`, -1, /at least 0; it is -1/],
    [`${PROFILE}/correlations/alphaGamma`, -1.01, /at least -1; it is -1.01/],
    [`${PROFILE}/correlations/betaGamma`, undefined, /is required/],
  ] as const)
    await refused(t, app, '/optimize', edited(fleet, { [path]: value }), 400, [[path, says]], path);
});
