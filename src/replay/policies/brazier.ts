import type { ServiceTimes } from '../learning.ts';
import type { PlannedLoad } from '../planner.ts';
import type { Policy, PolicyKind, PolicySetting, ServerView, Wish } from '../policy.ts';
import type { ReplayedServer } from '../replayed-server.ts';
import { begin, noLoad } from '../start.ts';

/** Plans anew every period, for what was offered lately. */
const brazier: PolicyKind = {
  name: 'brazier',
  summary: 'plans anew every period for the load that was offered lately',
  create: (setting) => planningPolicy(setting),
};

/** @param learn tells, once a period, the service times that are known by then; absent: they stay what they are taken to be */
export function planningPolicy(
  setting: PolicySetting,
  learn?: (nowMs: number, views: readonly ServerView[]) => ServiceTimes,
): Policy {
  const { servers, planner, settings } = setting;
  const { periodSec, windows, sigmas, isTrendFollowed } = settings;
  const periodMs = 1000 * periodSec;

  /**
   * The highest rate of the last windows, or that which their rise leads to by the time that replicas which start now have served a
   * period; with what chance may have hidden, and what waits on top, to be worked off in a period.
   */
  function loadOf(view: ServerView, server: ReplayedServer, nowMs: number): PlannedLoad {
    const counts: number[] = [];
    let fromMs = nowMs;
    for (; counts.length < windows && fromMs >= periodMs; fromMs -= periodMs) {
      counts.unshift(view.offered(fromMs - periodMs, fromMs).requests);
    }
    // From the middle of the newest window to that of the period which begins when they can serve.
    const ahead = server.longestStartupMs / periodMs + 1;
    const count = Math.max(...counts, isTrendFollowed ? ledTo(counts, ahead) : 0);
    const { requests, inputTokens, outputTokens } = view.offered(fromMs, nowMs);
    const tokens = requests > 0 ? { inputTokens, outputTokens } : noLoad(server);
    return { ...tokens, requestsPerSec: (count + sigmas * Math.sqrt(count) + view.waiting) / periodSec };
  }

  return {
    periodSec,
    begin: begin(setting),
    decide(nowMs, views) {
      if (nowMs === 0) return null;
      const loads = views.map((view, i) => loadOf(view, servers[i], nowMs));
      const running = views.map((view) => view.running);
      const wishes = planner.plan(loads, running, learn?.(nowMs, views));
      if (nowMs >= windows * periodMs) return wishes;
      // Before the windows are full nobody knows that less is enough.
      return wishes.map((wish, i) =>
        costOf(wish, servers[i]) < costOf(running[i], servers[i]) ? running[i] : wish,
      );
    },
  };
}

function costOf(wish: Wish, { variants }: ReplayedServer): number {
  return wish.reduce((sum, kind) => sum + kind.replicas * variants.get(kind.variant)!.costPerReplicaHour, 0);
}

/** Where the straight line through values, one for each step, is so many steps after the last. */
export function ledTo(values: readonly number[], ahead: number): number {
  const last = values.length - 1;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (last === 0) return mean;
  let rise = 0;
  let squares = 0;
  for (const [i, value] of values.entries()) {
    rise += (i - last / 2) * (value - mean);
    squares += (i - last / 2) ** 2;
  }
  return mean + (rise / squares) * (last / 2 + ahead);
}

export default brazier;
