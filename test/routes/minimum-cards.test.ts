import { test } from 'tap';
import type { MinimumCards } from '../../src/schemas/minimum-cards.ts';
import type { Plan } from '../../src/schemas/plan.ts';
import { answerChecks, edited, example, post, refused, service } from '../support/service.ts';

const fleet = example('/minimum-cards', 'one type');
const asked = (edits: Record<string, unknown>) => edited(fleet, { '/type': undefined, ...edits });

/** Whether so many cards serve the fleet in full. */
async function serves(
  app: Awaited<ReturnType<typeof service>>,
  capacity: Record<string, number>,
): Promise<boolean> {
  const body = asked({ '/capacity': capacity, '/solver': 'milp' });
  return (await post<Plan>(app, '/optimize', body)).body.status === 'complete';
}

test('the fewest cards of a type serve the fleet, and one less does not', async (t) => {
  const app = await service(t);
  const faultsOf = await answerChecks(app);
  for (const A100 of [0, 1, 2, 16]) {
    const { status, body } = await post<MinimumCards>(
      app,
      '/minimum-cards',
      edited(fleet, { '/capacity': { A100 } }),
    );
    t.equal(status, 200);
    t.strictSame(faultsOf('MinimumCards', body), []);
    t.match(body, { status: 'found', proven: true, shortfalls: [] });
    t.same(Object.keys(body.capacity!), ['G2']);
    const { G2 } = body.capacity!;
    t.ok(await serves(app, { A100, G2 }), `${G2} of G2 beside ${A100} of A100`);
    if (G2 > 0) t.notOk(await serves(app, { A100, G2: G2 - 1 }), 'one less');
  }
});

test('the cheapest cards are cheaper than any others that serve, whatever their prices', async (t) => {
  const app = await service(t);
  for (const prices of [
    { A100: 40, G2: 23 },
    { A100: 10, G2: 50 },
    { A100: 20, G2: 19 },
  ]) {
    const { body } = await post<MinimumCards>(app, '/minimum-cards', asked({ '/prices': prices }));
    t.equal(body.status, 'found');
    t.ok(await serves(app, body.capacity!));
    const costOf = (A100: number, G2: number) => prices.A100 * A100 + prices.G2 * G2;
    t.equal(body.costPerHour, costOf(body.capacity!.A100, body.capacity!.G2));
    for (let A100 = 0; A100 <= 8; A100++) {
      for (let G2 = 0; G2 <= 8; G2++) {
        if (costOf(A100, G2) < body.costPerHour!) t.notOk(await serves(app, { A100, G2 }), `${A100} + ${G2}`);
      }
    }
  }
});

test('without prices a card costs what its accelerators cost per card', async (t) => {
  const app = await service(t);
  const [told, untold] = await Promise.all(
    [{ '/prices': { A100: 40, G2: 23 } }, {}].map((edits) =>
      post<MinimumCards>(app, '/minimum-cards', asked(edits)),
    ),
  );
  t.same(untold.body, told.body);
});

test('where nodes are named, so many of the largest hold the cards, and fewer do not', async (t) => {
  const app = await service(t);
  const G2 = {
    cards: 1,
    nodes: [
      { cards: 4, count: 1 },
      { cards: 2, count: 1 },
    ],
  };
  const { body } = await post<MinimumCards>(
    app,
    '/minimum-cards',
    edited(fleet, { '/capacity': { A100: 0, G2 } }),
  );
  t.strictSame((await answerChecks(app))('MinimumCards', body), []);
  t.equal(body.status, 'found');
  const [{ cards, count }, ...others] = body.nodes!.G2;
  t.equal(cards, 4);
  t.same(others, []);
  const servedBy = async (nodes: number) => {
    const capacity = { A100: 0, G2: { cards: 4 * nodes, nodes: [{ cards: 4, count: nodes }] } };
    return (await post<Plan>(app, '/optimize', asked({ '/capacity': capacity, '/solver': 'milp' }))).body
      .status;
  };
  t.equal(await servedBy(count), 'complete');
  t.equal(await servedBy(count - 1), 'shortfall');
});

test('a sweep is a curve: more load never takes less, looser targets never more', async (t) => {
  const app = await service(t);
  const curve = async (sweep: object) => {
    const { body } = await post<MinimumCards>(app, '/minimum-cards', asked({ '/sweep': sweep }));
    return body.points!;
  };
  const byLoad = await curve({ loadFactor: [0.5, 1, 2, 4, 8] });
  t.same(
    byLoad.map(({ loadFactor }) => loadFactor),
    [0.5, 1, 2, 4, 8],
  );
  const rises = byLoad.every(({ costPerHour }, i) => i === 0 || costPerHour! >= byLoad[i - 1].costPerHour!);
  t.ok(
    rises && byLoad[4].costPerHour! > byLoad[0].costPerHour!,
    byLoad.map(({ costPerHour }) => costPerHour).join(' '),
  );
  const [impossible, ...byTarget] = await curve({ targetFactor: [0.1, 1, 2, 8] });
  t.match(impossible, { status: 'unservable', capacity: null, costPerHour: null });
  t.same(new Set(impossible.shortfalls.map(({ code }) => code)), new Set(['targets-unreachable']));
  t.ok(byTarget.every(({ costPerHour }, i) => i === 0 || costPerHour! <= byTarget[i - 1].costPerHour!));
});

test('what cannot be asked is refused where it is', async (t) => {
  const app = await service(t);
  const body = asked({ '/type': 'G3', '/prices': { A10: 1 }, '/sweep': {} });
  const faults: [string, RegExp][] = [
    ['/type', /names the card type "G3", which does not exist; did you mean "G2"/],
    ['/prices/A10', /names the card type "A10"/],
    ['/sweep', /either loadFactor or targetFactor/],
  ];
  await refused(t, app, '/minimum-cards', body, 422, faults, 'types and sweeps');
});
