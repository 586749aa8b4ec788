import { balancer } from '../simulator/balancer.ts';
import { randomStreams } from '../simulator/random.ts';
import type { PolicyKind, PolicySetting } from './policy.ts';
import type { ClassOutcome, RunReport, ServerOutcome, ServerSample } from './report.ts';
import { ServerRun } from './server-run.ts';
import { outcomeOf, type Tally } from './tally.ts';

const MS_PER_HOUR = 3_600_000;

/**
 * One policy over all requests, each of which is seen to its end.
 *
 * @param nowMs a monotonic clock, for how long decisions take
 * @param progress called with the share of the time that is replayed, 0 … 1
 */
export function runPolicy(
  kind: PolicyKind,
  modelFactor: number,
  setting: PolicySetting,
  seed: number,
  nowMs: () => number,
  progress?: (share: number) => void,
): RunReport {
  const { servers, settings, endMs } = setting;
  const streams = randomStreams(seed, servers.length);
  const runs = servers.map(
    (server, i) => new ServerRun(server, balancer(settings.balancer, streams[i]), endMs),
  );
  const policy = kind.create(setting);
  for (const [i, run] of runs.entries()) run.begin(policy.begin[i]);

  const byPriority = servers.map((_, i) => i).sort((a, b) => servers[a].priority - servers[b].priority);

  const decisionTimes: number[] = [];
  const samples: ServerSample[][] = servers.map(() => []);
  const mostCards = new Map<string, number>();
  let changes = 0;
  const decideEveryMs = 1000 * policy.periodSec;
  const sampleEveryMs = 1000 * settings.periodSec;
  for (let [decideMs, sampleMs] = [0, 0]; Math.min(decideMs, sampleMs) < endMs; ) {
    const atMs = Math.min(decideMs, sampleMs);
    for (const run of runs) run.goTo(atMs);
    if (atMs === decideMs) {
      const startMs = nowMs();
      const wishes = policy.decide(atMs, runs);
      if (decideEveryMs < Number.POSITIVE_INFINITY) decisionTimes.push(nowMs() - startMs);
      if (wishes) changes += runs.filter((run, i) => run.wish(wishes[i])).length;
      const free = cardsFree(setting.cards, runs);
      for (const i of byPriority) runs[i].startWanted(free);
      decideMs += decideEveryMs;
    }
    if (atMs === sampleMs) {
      const lastsMs = Math.min(sampleEveryMs, endMs - atMs);
      for (const [i, run] of runs.entries()) samples[i].push(sampleOf(run, setting, i, atMs, lastsMs));
      keepMost(mostCards, cardsNow(runs));
      sampleMs += sampleEveryMs;
    }
    progress?.(atMs / endMs);
  }
  for (const run of runs) run.goTo(endMs);
  for (const run of runs) run.goTo(Number.POSITIVE_INFINITY);

  const cost = runs.reduce((sum, { cards }) => sum + cards.cost(), 0);
  return {
    policy: kind.name,
    modelFactor,
    total: outcomeOf(runs.flatMap(({ tallies }) => tallies)),
    classes: byClass(setting, runs),
    servers: runs.map(
      ({ tallies }, i): ServerOutcome => ({
        server: servers[i].server.name,
        ...outcomeOf(tallies),
        overTime: samples[i],
      }),
    ),
    cost,
    costPerHour: (cost * MS_PER_HOUR) / endMs,
    cardHours: summed(runs.map(({ cards }) => cards.cardHours())),
    mostCards: Object.fromEntries(mostCards),
    changes,
    changesPerHour: (changes * MS_PER_HOUR) / endMs,
    decisions: decisionTimes.length,
    decisionMs: {
      mean: decisionTimes.reduce((sum, time) => sum + time, 0) / decisionTimes.length,
      max: decisionTimes.length > 0 ? Math.max(...decisionTimes) : Number.NaN,
    },
  };
}

function sampleOf(
  run: ServerRun,
  { servers }: PolicySetting,
  index: number,
  atMs: number,
  lastsMs: number,
): ServerSample {
  const { requests } = servers[index].workload.between(atMs, atMs + lastsMs);
  const { serving, starting, waiting } = run;
  return { atSec: atMs / 1000, requestsPerSec: (1000 * requests) / lastsMs, serving, starting, waiting };
}

function byClass({ servers }: PolicySetting, runs: readonly ServerRun[]): ClassOutcome[] {
  const tallies = new Map<string, Tally[]>();
  for (const [i, { classes }] of servers.entries()) {
    for (const [j, { name }] of classes.entries()) {
      tallies.set(name, [...(tallies.get(name) ?? []), runs[i].tallies[j]]);
    }
  }
  return [...tallies].map(([serviceClass, own]) => ({ serviceClass, ...outcomeOf(own) }));
}

function cardsNow(runs: readonly ServerRun[]): Record<string, number> {
  return summed(runs.map(({ cards }) => cards.cardsNow()));
}

/** Cards that nobody holds; what drains holds its own until it is gone. */
function cardsFree(cards: ReadonlyMap<string, number>, runs: readonly ServerRun[]): Map<string, number> {
  const held = cardsNow(runs);
  return new Map([...cards].map(([type, count]) => [type, count - (held[type] ?? 0)]));
}

function summed(maps: readonly ReadonlyMap<string, number>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [type, value] of maps.flatMap((map) => [...map])) sums[type] = (sums[type] ?? 0) + value;
  return sums;
}

function keepMost(most: Map<string, number>, cards: Readonly<Record<string, number>>): void {
  for (const [type, count] of Object.entries(cards)) most.set(type, Math.max(most.get(type) ?? 0, count));
}
