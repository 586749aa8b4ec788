import { test } from 'tap';
import { optimize } from '../../src/optimizer/optimize.ts';
import measured from '../../src/queueing/models/measured.ts';
import queueModel from '../../src/queueing/models/state-dependent.ts';
import type { QueueModel } from '../../src/queueing/queue-model.ts';
import type { Fleet } from '../../src/schemas/fleet.ts';
import type { Profile } from '../../src/schemas/model.ts';
import type { OptimizeRequest } from '../../src/schemas/plan.ts';
import type { Station } from '../../src/schemas/station.ts';
import unlimited from '../../src/solvers/strategies/unlimited.ts';
import { example } from '../support/service.ts';
import { fleetOf, LARGE, LOAD, SMALL } from './examples.ts';
import { fixedRate } from './fixed-rate.ts';

const TENTH: Profile = { ...SMALL, standardErrors: { alphaMs: 1, betaMsPerToken: 0, gammaMsPerToken2: 0 } };

const plan = (fleet: Fleet, confidence?: number, model: QueueModel = fixedRate) =>
  optimize(
    fleet,
    { strategy: unlimited, options: {} },
    { strategy: model, options: {} },
    () => 0,
    confidence === undefined ? {} : { confidence },
  );

const digits = (value: number | undefined, count: number) => Number(value?.toPrecision(count));

/** The same, and it says that its latencies do not jump. */
const rising = {
  ...fixedRate,
  prepare: (station: Station) => ({ ...fixedRate.prepare(station), rises: true }),
} satisfies QueueModel;

test('one uncertain parameter moves by as many standard errors of its logarithm as the confidence has', async (t) => {
  // 10 ms known to a tenth: 10 · exp(0.1 · 1.645) = 11.788, and 10 · exp(0.1 · 3.719) = 14.505; a replica serves 100 / it.
  for (const [confidence, alphaMs, replicas] of [
    [0.95, 11.788, 3],
    [0.9999, 14.505, 4],
  ] as const) {
    const { servers } = plan(fleetOf({ profiles: [TENTH] }), confidence, rising);
    const [{ sizedWith, predicted, replicas: given }] = servers[0].allocations;
    t.equal(given, replicas, `${confidence}: replicas`);
    t.equal(digits(sizedWith!.alphaMs, 5), alphaMs, `${confidence}: alphaMs`);
    t.equal(digits(predicted!.itlMs!, 5), alphaMs, `${confidence}: predicted with it`);
  }
});

test('where latencies may jump the end is the next quarter of a standard error', async (t) => {
  const { servers } = plan(fleetOf({ profiles: [TENTH] }), 0.95);
  t.equal(digits(servers[0].allocations[0].sizedWith?.alphaMs, 5), 11.912, '10 · exp(0.1 · 1.75)');
});

test('a target within reach of the parameters as they are may be out of reach with confidence, and the plan says so', async (t) => {
  const fleet = fleetOf({ profiles: [TENTH], targets: { itlMs: 11 } });
  t.equal(plan(fleet).status, 'complete');
  const [{ excluded, shortfall }] = plan(fleet, 0.95).servers;
  t.match(shortfall, { code: 'targets-unreachable' });
  t.match(excluded[0].text, /ITL is 11.91 ms with no load at the confidence asked for, the target is 11 ms/);
});

test('the plan names the variants that were taken as they are', async (t) => {
  const fleet = fleetOf({ profiles: [TENTH, LARGE] });
  t.same(plan(fleet).uncertainty, undefined);
  t.same(plan(fleet, 0.9).uncertainty, {
    confidence: 0.9,
    takenAsTheyAre: [{ model: 'model', variant: 'large' }],
  });
  const throughput = [{ ...LOAD, requestsPerSec: 5 }].map(
    ({ inputTokens, outputTokens, requestsPerSec }) => ({
      inputTokens,
      outputTokens,
      requestsPerSec,
    }),
  );
  const rates = fleetOf({ profiles: [{ ...TENTH, throughput }] });
  const { uncertainty, servers } = plan(rates, 0.9, measured);
  t.same(
    uncertainty?.takenAsTheyAre,
    [{ model: 'model', variant: 'small' }],
    'measured rates have no errors',
  );
  t.same(servers, plan(rates, undefined, measured).servers);
});

const estimated = example('/optimize', 'uncertain parameters') as OptimizeRequest;
const { confidence: _, ...likely } = estimated;

function withProfiles(fleet: Fleet, change: (profile: Profile) => Profile): Fleet {
  return {
    ...fleet,
    models: fleet.models.map((model) => ({ ...model, profiles: model.profiles.map(change) })),
  };
}

test('what is predicted is what the parameters that it was sized with give, within the targets', async (t) => {
  const { servers } = plan(likely, 0.95, queueModel);
  for (const { name, allocations, withinTargets } of servers) {
    const { sizedWith, predicted, replicas } = allocations[0];
    const one = { ...likely, servers: likely.servers.filter((server) => server.name === name) };
    const slower = withProfiles(one, (profile) => ({ ...profile, serviceTime: sizedWith! }));
    const [again] = plan(slower, undefined, queueModel).servers;
    t.equal(withinTargets, true, name);
    t.same(again.allocations[0].predicted, predicted, `${name}: the same prediction`);
    t.equal(again.allocations[0].replicas, replicas, `${name}: the same replicas`);
  }
  t.match(servers[0].reason.text, /allows .* requests\/s per replica at the confidence asked for/);
});

test('errors that make up for each other cost less than errors that do not, and these less than all at their ends', async (t) => {
  const busy = {
    ...likely,
    servers: likely.servers.map((one) => ({ ...one, load: { ...one.load!, requestsPerSec: 100 } })),
  };
  const { capacity: _, ...unbounded } = busy;
  const costOf = (fleet: Fleet, confidence?: number) =>
    plan(fleet, confidence, queueModel).totals.costPerHour;
  const exact = costOf(unbounded);
  const correlated = costOf(unbounded, 0.95);
  const apart = costOf(
    withProfiles(unbounded, ({ correlations: _, ...profile }) => profile),
    0.95,
  );
  const atEnds = costOf(
    withProfiles(unbounded, (profile) => {
      const at = (name: 'alphaMs' | 'betaMsPerToken' | 'gammaMsPerToken2') =>
        profile.serviceTime![name] *
        Math.exp((1.645 * profile.standardErrors![name]) / profile.serviceTime![name]);
      return {
        ...profile,
        serviceTime: {
          alphaMs: at('alphaMs'),
          betaMsPerToken: at('betaMsPerToken'),
          gammaMsPerToken2: at('gammaMsPerToken2'),
        },
      };
    }),
  );
  t.ok(
    exact < correlated && correlated < apart && apart < atEnds,
    `${exact}, ${correlated}, ${apart}, ${atEnds}`,
  );
});
