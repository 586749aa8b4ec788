import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import type { OptimizeRequest, Plan } from '../../src/schemas/plan.ts';
import type { PlanSimulated } from '../../src/schemas/simulation-answer.ts';
import { PACKAGE_FOLDER } from '../support/command.ts';
import { answerChecks, edited, post, service } from '../support/service.ts';

const fleet = JSON.parse(
  await readFile(join(PACKAGE_FOLDER, 'examples', 'small-fleet.json'), 'utf8'),
) as OptimizeRequest;
/** What the queue model assumes: all requests of the mean length. */
const course = { lengths: { kind: 'constant' }, requests: 2000 };

test('Every server of a plan is simulated under its load, as the queue model predicted it', async (t) => {
  const app = await service(t);
  const { status, body, text } = await post<PlanSimulated>(app, '/simulate', { fleet, ...course });
  t.equal(status, 200, text.slice(0, 500));
  t.strictSame((await answerChecks(app))('SimulateAnswer', body), []);
  t.equal(body.servers.length, fleet.servers.length);
  for (const { name, simulated, predicted, targets, withinTargets, skipped } of body.servers) {
    t.equal(skipped, null);
    const { itlMs, ttftMs, status: load } = simulated!;
    t.ok(Math.abs(itlMs!.mean! / predicted!.itlMs! - 1) < 0.1, `${name} ${itlMs!.mean} ${predicted!.itlMs}`);
    const isWithin = load === 'stable' && ttftMs!.mean! <= targets.ttftMs! && itlMs!.mean! <= targets.itlMs!;
    t.equal(withinTargets, isWithin, name);
  }
  const premium = body.servers.find(({ name }) => name === 'Premium-llama_13b')!;
  t.match(premium.targets, {
    ttftMs: 1000,
    ttftPercentile: null,
    itlMs: 80,
    itlPercentile: null,
    e2eMs: null,
  });
});

test('A plan that is posted with its fleet is simulated as it stands, whole or its allocations alone', async (t) => {
  const app = await service(t);
  const plan = (await post<Plan>(app, '/optimize', fleet)).body;
  const made = (await post<PlanSimulated>(app, '/simulate', { fleet, ...course })).body;
  const whole = (await post<PlanSimulated>(app, '/simulate', { fleet, plan, ...course })).body;
  t.strictSame(whole, made);
  const servers = plan.servers.map(({ name, allocations }) => ({
    name,
    allocations: allocations.map(({ variant, replicas, maxBatchSize, loadFraction }) => ({
      variant,
      replicas,
      maxBatchSize,
      loadFraction,
    })),
  }));
  const bare = (await post<PlanSimulated>(app, '/simulate', { fleet, plan: { servers }, ...course })).body;
  t.strictSame(
    bare,
    { servers: made.servers.map((server) => ({ ...server, predicted: null })) },
    'nobody predicted anything',
  );
  // One server alone is answered the same: it is simulated on its own.
  const alone = { plan: { servers: servers.slice(3, 4) }, iterations: 4_000_000, ...course };
  const [only] = (await post<PlanSimulated>(app, '/simulate', { fleet, ...alone })).body.servers;
  t.strictSame(
    only,
    bare.servers.find(({ name }) => name === servers[3].name),
  );
});

test('More replicas of a variant lower its latency; fewer overload it', async (t) => {
  const app = await service(t);
  const of = async (replicas: number) => {
    const servers = [
      { name: 'Free-granite_13b', allocations: [{ variant: 'G2', replicas, maxBatchSize: 38 }] },
    ];
    const answer = await post<PlanSimulated>(app, '/simulate', { fleet, plan: { servers }, ...course });
    return answer.body.servers[0];
  };
  const [few, enough, many] = await Promise.all([2, 6, 12].map(of));
  t.match(few, { simulated: { status: 'overloaded', ttftMs: null }, withinTargets: false });
  t.ok(many.simulated!.itlMs!.mean! < enough.simulated!.itlMs!.mean!);
});

test('A server that cannot be simulated says why', async (t) => {
  const app = await service(t);
  const other = edited(fleet, {
    '/servers/0/load': null,
    '/servers/1/load/requestsPerSec': 0,
    '/servers/2/model': fleet.servers[2].model,
  });
  const names = fleet.servers.map(({ name }) => name);
  const allocation = { variant: 'G2', replicas: 1, loadFraction: 1 };
  const servers = [
    { name: names[0], allocations: [allocation] },
    { name: names[1], allocations: [allocation] },
    { name: names[2], allocations: [] },
    { name: names[3], allocations: [{ ...allocation, replicas: 5000 }] },
  ];
  const { body } = await post<PlanSimulated>(app, '/simulate', { fleet: other, plan: { servers } });
  const codeOf = new Map(body.servers.map(({ name, skipped }) => [name, skipped?.code]));
  t.same(
    names.slice(0, 4).map((name) => codeOf.get(name)),
    ['load-unknown', 'no-load', 'nothing-allocated', 'too-many-replicas'],
  );
  t.ok(body.servers.every(({ simulated, withinTargets }) => simulated === null && withinTargets === null));
});

test('A target is met by the percentile that it is for, the mean response by its own', async (t) => {
  const app = await service(t);
  const name = 'Premium-llama_13b';
  const model = 'llama_13b';
  const plan = { servers: [{ name, allocations: [{ variant: 'A100', replicas: 3, maxBatchSize: 64 }] }] };
  const targetsAt = fleet.serviceClasses
    .find((entry) => entry.name === 'Premium')!
    .targets.findIndex((targets) => targets.model === model);
  const classAt = fleet.serviceClasses.findIndex((entry) => entry.name === 'Premium');
  const rated = edited(fleet, {
    [`/servers/${fleet.servers.findIndex((server) => server.name === name)}/load/requestsPerSec`]: 0.25,
  });
  const of = async (targets: object) => {
    const path = `/serviceClasses/${classAt}/targets/${targetsAt}`;
    const asked = { fleet: edited(rated, { [path]: { model, ...targets } }), plan, requests: 4000 };
    const { status, body, text } = await post<PlanSimulated>(app, '/simulate', asked);
    t.equal(status, 200, text.slice(0, 500));
    t.strictSame((await answerChecks(app))('SimulateAnswer', body), []);
    return body.servers[0];
  };
  const { simulated } = await of({ ttftMs: 1e6, ttftPercentile: 0.975, itlMs: 1e6, itlPercentile: 0.93 });
  const { ttftMs, itlMs, responseMs } = simulated!;
  const at = (fraction: number, latency = ttftMs!) =>
    latency.quantiles.find((quantile) => quantile.fraction === fraction)!.ms;
  t.ok(ttftMs!.p95! <= at(0.975) && at(0.975) <= ttftMs!.p99!, 'between its neighbours');
  t.ok(itlMs!.p90! <= at(0.93, itlMs!) && at(0.93, itlMs!) <= itlMs!.p95!);
  const fractions = ttftMs!.quantiles.map(({ fraction }) => fraction);
  t.strictSame(
    fractions,
    [...new Set(fractions)].sort((a, b) => a - b),
    'rising, each once',
  );
  // Above the mean, below the percentile: a class on means is within, one on the percentile is not.
  const between = (ttftMs!.mean! + at(0.975)) / 2;
  t.ok(ttftMs!.mean! < between && between < at(0.975));
  t.equal((await of({ ttftMs: between })).withinTargets, true);
  const strict = await of({ ttftMs: between, ttftPercentile: 0.975 });
  t.equal(strict.withinTargets, false);
  t.strictSame(strict.targets, {
    ...{ ttftMs: between, ttftPercentile: 0.975, itlMs: null, itlPercentile: null, e2eMs: null },
  });
  t.equal((await of({ ttftMs: 1.001 * at(0.975), ttftPercentile: 0.975 })).withinTargets, true);
  const itl = async (factor: number) => of({ itlMs: factor * at(0.93, itlMs!), itlPercentile: 0.93 });
  t.same([(await itl(1.001)).withinTargets, (await itl(0.999)).withinTargets], [true, false]);
  t.equal((await of({ ttftMs: 1e6, e2eMs: 1.001 * responseMs!.mean! })).withinTargets, true);
  t.equal((await of({ ttftMs: 1e6, e2eMs: 0.999 * responseMs!.mean! })).withinTargets, false);
});
