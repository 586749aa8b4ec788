import { test } from 'tap';
import { canonicalKeys } from '../../src/inferno/canonical-keys.ts';
import { fromInferno, type Translated } from '../../src/inferno/from-inferno.ts';
import { toInferno } from '../../src/inferno/to-inferno.ts';
import { optimizeRequest } from '../../src/operations/optimize-request.ts';
import { demandOf } from '../../src/optimizer/candidates.ts';
import { CardLimits } from '../../src/optimizer/card-limits.ts';
import { resolveServers } from '../../src/optimizer/catalog.ts';
import type { ServerCandidate, ServerDemand } from '../../src/optimizer/demand.ts';
import { Sizer } from '../../src/optimizer/sizer.ts';
import queueModel from '../../src/queueing/models/state-dependent.ts';
import { loadRegistry } from '../../src/registry.ts';
import { InfernoRequest } from '../../src/schemas/inferno.ts';
import type { OptimizeRequest } from '../../src/schemas/plan.ts';
import { forEach, near } from '../support/properties.ts';
import { skippedWithout } from '../support/shared-data.ts';
import { CASE_FILES, type ReferenceCandidate, referenceCases } from './reference-cases.ts';

const skip = CASE_FILES.map(skippedWithout).find((reason) => reason !== false) ?? false;
const TOLERANCE = 1e-3;
const registry = await loadRegistry();

const cases = (skip ? [] : referenceCases()).map(({ name, request: posted, expected }) => {
  const request = canonicalKeys(InfernoRequest, posted) as InfernoRequest;
  const translated = fromInferno(request);
  const sizer = new Sizer(queueModel, {});
  const servers = resolveServers(translated.request);
  const limits = new CardLimits(translated.request, servers);
  const demands = servers.map((resolved) => demandOf(resolved, sizer, limits));
  return { name, request, translated, expected, sizer, demands };
});

/** The reference cannot evaluate a station of batch limit 1 without a waiting room. */
const beyondReference = ({ resolved }: ServerDemand, { maxBatchSize }: ServerCandidate) =>
  maxBatchSize === 1 && resolved.server.maxQueueLength === 0;

const needsNothing = ({ plannedRate, resolved }: ServerDemand) =>
  plannedRate === 0 && resolved.server.minReplicas === 0;

const pairs = cases.flatMap(({ name, demands, expected, sizer }) =>
  demands.flatMap((demand) => {
    const theirs = expected.candidates[demand.resolved.server.name].filter(({ accelerator }) => accelerator);
    return theirs.map((candidate) => ({ name, demand, sizer, theirs: candidate }));
  }),
);

test('every candidate of the reference is met', { skip }, async (t) => {
  t.equal(pairs.length, 1128);
  t.equal(pairs.filter(({ demand }) => demand.plannedRate === 0).length, 18, 'without load');
  forEach(t, 'candidates', pairs, ({ demand, sizer, theirs }) => {
    const ours = demand.candidates.find(({ variant }) => variant === theirs.accelerator);
    if (!ours) throw new Error(`no candidate ${theirs.accelerator} of ${demand.resolved.server.name}`);
    near(ours.maxBatchSize!, theirs.maxBatch, 0, 0, 'batch limit');
    if (demand.plannedRate !== 0) {
      near(ours.ratePerReplica! * 60, theirs.maxRatePerReplica, TOLERANCE, 0, 'rate per replica');
      near(ours.replicas, theirs.numReplicas, 0, mayDiffer(demand, ours) ? 1 : 0, 'replicas');
      if (ours.replicas === theirs.numReplicas) latenciesAgree(demand, ours, theirs, sizer);
    }
    if (ours.replicas !== theirs.numReplicas) return undefined;
    near(ours.costPerHour, theirs.cost, TOLERANCE, 0, 'cost');
    return near(ours.value, theirs.value, TOLERANCE, 1e-3, 'value');
  });
  const differ = pairs.filter(({ demand, theirs }) =>
    demand.candidates.some((c) => c.variant === theirs.accelerator && c.replicas !== theirs.numReplicas),
  );
  t.equal(differ.length, 0, 'replica counts that differ by rounding');
  const listed = cases.flatMap(({ expected }) => Object.values(expected.candidates).flat());
  t.equal(listed.length - pairs.length, 16, 'candidates of nothing, for servers that need nothing');
});

function mayDiffer({ plannedRate }: ServerDemand, { ratePerReplica }: ServerCandidate): boolean {
  const replicas = plannedRate! / ratePerReplica!;
  return Math.abs(replicas - Math.round(replicas)) < 1e-4;
}

function latenciesAgree(
  { plannedRate }: ServerDemand,
  { queue, replicas }: ServerCandidate,
  theirs: ReferenceCandidate,
  sizer: Sizer,
): void {
  const at = sizer.metrics(queue!, plannedRate! / replicas);
  near(at.itlMs!, theirs.itlAverage, TOLERANCE, 0, 'ITL');
  near(at.ttftMs!, theirs.ttftAverage, TOLERANCE, 0, 'TTFT');
}

test('there is no candidate that the reference lacks, but where it cannot evaluate the station', {
  skip,
}, async (t) => {
  let beyond = 0;
  const further = cases.flatMap(({ name, demands, expected }) =>
    demands.flatMap((demand) => {
      const theirs = new Set(
        expected.candidates[demand.resolved.server.name].map(({ accelerator }) => accelerator),
      );
      return demand.candidates.flatMap((candidate) => {
        if (theirs.has(candidate.variant)) return [];
        if (!beyondReference(demand, candidate))
          return [[name, demand.resolved.server.name, candidate.variant]];
        beyond++;
        return [];
      });
    }),
  );
  t.same(further, []);
  t.equal(beyond, 8, 'candidates of batch limit 1');
});

/** The request without the profiles that the reference cannot evaluate. */
function withinReference(
  { request }: Translated,
  demands: readonly ServerDemand[],
): [OptimizeRequest, number] {
  const beyond = new Set(
    demands.flatMap((demand) =>
      demand.candidates
        .filter((candidate) => beyondReference(demand, candidate))
        .map(({ profile }) => profile.profile),
    ),
  );
  const models = request.models.map(({ name, profiles }) => ({
    name,
    profiles: profiles.filter((profile) => !beyond.has(profile)),
  }));
  return [{ ...request, models }, beyond.size];
}

test('every allocation of the reference is met', { skip }, async (t) => {
  const counts = { full: 0, partial: 0, nothing: 0, needless: 0, profilesLeftOut: 0 };
  forEach(t, 'cases', cases, ({ name, request, translated, demands, expected }) => {
    const [reduced, leftOut] = withinReference(translated, demands);
    counts.profilesLeftOut += leftOut;
    const answer = toInferno(optimizeRequest(reduced, registry), request, translated);
    const short = new Set(answer.shortfalls.map(({ server }) => server));
    for (const demand of demands) {
      const server = demand.resolved.server.name;
      const theirs = expected.allocations[server];
      const ours = answer.allocations[server];
      if (!theirs?.accelerator) {
        counts[needsNothing(demand) ? 'needless' : 'nothing']++;
        if (ours) throw new Error(`${name} ${server} is given ${ours.accelerator}`);
        if (short.has(server) === needsNothing(demand)) throw new Error(`${name} ${server}: shortfall`);
        continue;
      }
      counts[theirs.servedInFull ? 'full' : 'partial']++;
      const what = `${name} ${server}`;
      if (ours?.accelerator !== theirs.accelerator) throw new Error(`${what} is on ${ours?.accelerator}`);
      if (short.has(server) === theirs.servedInFull) throw new Error(`${what}: shortfall`);
      near(ours.numReplicas!, theirs.numReplicas, 0, 0, `${what}: replicas`);
      near(ours.maxBatch!, theirs.maxBatch, 0, 0, `${what}: batch limit`);
      near(ours.cost!, theirs.cost, TOLERANCE, 0, `${what}: cost`);
      if (!theirs.servedInFull || demand.plannedRate === 0) continue;
      near(ours.itlAverage!, theirs.itlAverage, TOLERANCE, 0, `${what}: ITL`);
      near(ours.ttftAverage!, theirs.ttftAverage, TOLERANCE, 0, `${what}: TTFT`);
    }
    return undefined;
  });
  t.same(counts, { full: 210, partial: 38, nothing: 66, needless: 4, profilesLeftOut: 8 });
});
