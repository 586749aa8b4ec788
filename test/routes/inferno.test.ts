import { test } from 'tap';
import type { InfernoAnswer } from '../../src/schemas/inferno.ts';
import type { Problem } from '../../src/schemas/problem.ts';
import { answerChecks, edited, example, post, service } from '../support/service.ts';

const URL = '/inferno/optimizeOne';
const canonical = example(URL, 'system');

/** One server that can be served, one whose ITL target lies below alpha, one of an unknown class; keys as they come. */
const mixedCase = {
  System: {
    ACCELERATORDATA: {
      Accelerators: [{ Name: 'A100', TYPE: 'A100', Multiplicity: 1, Cost: 40, memBW: 2000 }],
    },
    capacitydata: { Count: [{ type: 'A100', COUNT: 8 }] },
    ModelData: {
      models: [
        {
          Name: 'granite_13b',
          Acc: 'A100',
          acccount: 1,
          maxbatchsize: 64,
          AtTokens: 512,
          PerfParms: { Alpha: 20.58, BETA: 0.041, gamma: 0.00128125 },
        },
      ],
    },
    serviceClassData: {
      SERVICECLASSES: [
        {
          name: 'Premium',
          PRIORITY: 1,
          ModelTargets: [{ Model: 'granite_13b', 'SLO-ITL': 40, 'Slo-Ttft': 1000 }],
        },
        { name: 'Impossible', modeltargets: [{ model: 'granite_13b', 'slo-itl': 5 }] },
      ],
    },
    ServerData: {
      Servers: ['Premium', 'Impossible', 'Unheard'].map((Class) => ({
        Name: `${Class}-granite`,
        CLASS: Class,
        model: 'granite_13b',
        CurrentAlloc: { Load: { ArrivalRate: 60, AvgInTokens: 128, avgouttokens: 1024 }, Accelerator: null },
      })),
    },
    optimizerdata: {
      Optimizer: { UNLIMITED: false, milpsolver: true, SaturationPolicy: 'priorityexhaustive' },
    },
    comment: 'their programs ignore what they do not know',
  },
};

test('Keys are read whatever their case, and answered as theirs are', async (t) => {
  const app = await service(t);
  const { status, body } = await post<InfernoAnswer>(app, URL, mixedCase);
  t.equal(status, 200);
  t.strictSame((await answerChecks(app))('InfernoAnswer', body), []);
  const plain = await post<InfernoAnswer>(app, URL, canonical);
  t.strictSame(body.allocations, {
    'Premium-granite': plain.body.allocations['Premium-granite_13b'],
  });
  t.strictSame(Object.keys(body.allocations['Premium-granite']).sort(), [
    ...['accelerator', 'cost', 'itlAverage', 'load', 'maxBatch', 'numReplicas', 'ttftAverage'],
  ]);
});

test('A server that cannot be served is absent from the allocations and named in the shortfalls', async (t) => {
  const app = await service(t);
  const { body } = await post<InfernoAnswer>(app, URL, mixedCase);
  const byName = new Map(body.shortfalls.map((shortfall) => [shortfall.server, shortfall]));
  t.strictSame([...byName.keys()].sort(), ['Impossible-granite', 'Unheard-granite']);
  t.match(byName.get('Impossible-granite'), {
    code: 'targets-unreachable',
    servedFraction: 0,
    text: /ITL.* 5 ms/,
  });
  t.match(byName.get('Unheard-granite'), { code: 'unknown-name', text: /"Unheard"/ });
  t.same(body.notes, []);
});

test('The load is per minute and comes back as it was posted; 60 a minute are 1 a second', async (t) => {
  const app = await service(t);
  const load = '/system/serverData/servers/0/currentAlloc/load';
  const at = async (arrivalRate: number) =>
    (await post<InfernoAnswer>(app, URL, edited(canonical, { [`${load}/arrivalRate`]: arrivalRate }))).body
      .allocations['Premium-granite_13b'];
  const one = await at(60);
  t.match(one, { accelerator: 'A100', numReplicas: 2, maxBatch: 32, cost: 80 });
  t.strictSame(one.load, { arrivalRate: 60, avgInTokens: 128, avgOutTokens: 1024 });
  t.equal((await at(180)).numReplicas, 6);
  t.equal(await at(0), undefined, 'nothing is needed, and minNumReplicas is 0');
});

test('A card type that their capacity does not name has no cards', async (t) => {
  const app = await service(t);
  const without = edited(canonical, { '/system/capacityData': { count: [{ type: 'H100', count: 8 }] } });
  const { body } = await post<InfernoAnswer>(app, URL, without);
  t.strictSame(body.allocations, {});
  t.match(body.shortfalls, [{ server: 'Premium-granite_13b', code: 'no-capacity', servedFraction: 0 }]);
  const unlimited = edited(without, { '/system/optimizerData/optimizer/unlimited': true });
  t.strictSame((await post<InfernoAnswer>(app, URL, unlimited)).body.shortfalls, []);
});

test('Faults of their JSON are named with their path as this service spells it', async (t) => {
  const app = await service(t);
  const body = edited(mixedCase, {
    '/System/ServerData/Servers/0/CLASS': 5,
    '/System/ACCELERATORDATA/Accelerators/0/Cost': '40',
  });
  const answer = await post<Problem>(app, URL, body);
  t.equal(answer.status, 400);
  t.strictSame(answer.body.errors.map(({ path }) => path).sort(), [
    '/system/acceleratorData/accelerators/0/cost',
    '/system/serverData/servers/0/class',
  ]);
});

test('An empty system is answered with nothing', async (t) => {
  const app = await service(t);
  for (const body of [
    { system: {} },
    { SYSTEM: { serverData: null } },
    { system: { serverData: { servers: [] } } },
  ])
    t.strictSame((await post(app, URL, body)).body, { allocations: {}, shortfalls: [], notes: [] });
});
