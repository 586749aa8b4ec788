import { test } from 'tap';
import { deterministicWaitShare } from '../../src/queueing/deterministic-service.ts';
import { seeded } from '../support/random.ts';

/** Mean wait of many arrivals in order at c places with constant service of 1: each takes the place that is free first. */
function simulatedWait(servers: number, utilization: number): number {
  const random = seeded(5);
  const free = new Array<number>(servers).fill(0);
  let now = 0;
  let sum = 0;
  const arrivals = 400_000;
  for (let i = 0; i < arrivals; i++) {
    now += -Math.log(1 - random.uniform()) / (servers * utilization);
    let first = 0;
    for (let k = 1; k < servers; k++) if (free[k] < free[first]) first = k;
    const start = Math.max(now, free[first]);
    sum += start - now;
    free[first] = start + 1;
  }
  return sum / arrivals;
}

/** Mean wait in M/M/c with service of mean 1, by Erlang's C formula. */
function erlangWait(servers: number, utilization: number): number {
  const load = servers * utilization;
  let blocking = 1;
  for (let k = 1; k <= servers; k++) blocking = (load * blocking) / (k + load * blocking);
  const waits = blocking / (1 - utilization * (1 - blocking));
  return waits / (servers - load);
}

test('one place with constant service waits half as long', (t) => {
  for (const utilization of [0.1, 0.5, 0.99]) t.equal(deterministicWaitShare(1, utilization), 0.5);
  t.end();
});

test('the share is within 4 % of simulated waits over Erlang waits', (t) => {
  for (const [servers, utilization] of [
    [2, 0.5],
    [2, 0.8],
    [4, 0.6],
    [4, 0.8],
    [16, 0.8],
  ]) {
    const seen = simulatedWait(servers, utilization) / erlangWait(servers, utilization);
    const share = deterministicWaitShare(servers, utilization);
    t.ok(Math.abs(share / seen - 1) < 0.04, `${servers} places at ${utilization}: ${share} for ${seen}`);
  }
  t.end();
});

test('with nothing to serve the share stays a share', (t) => {
  t.equal(deterministicWaitShare(8, 0), 1);
  t.equal(deterministicWaitShare(1, 0), 0.5);
  t.equal(deterministicWaitShare(8, 3), 0.5);
  t.end();
});
