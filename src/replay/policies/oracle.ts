import type { PlannedLoad } from '../planner.ts';
import type { PolicyKind } from '../policy.ts';
import type { ReplayedServer } from '../replayed-server.ts';
import { begin, noLoad } from '../start.ts';

/** Plans as `brazier` does, with the same model and the same start-up times, for what will be offered. */
const oracle: PolicyKind = {
  name: 'oracle',
  summary: 'plans anew every period for the load that will be offered until the plan after it can serve',
  create(setting) {
    const {
      servers,
      planner,
      settings: { periodSec },
      endMs,
    } = setting;
    const periodMs = 1000 * periodSec;

    /** The highest rate of the periods until replicas that start a period from now can serve. */
    function loadOf(server: ReplayedServer, nowMs: number): PlannedLoad {
      const untilMs = nowMs + periodMs + server.longestStartupMs;
      let rate = 0;
      for (let fromMs = nowMs; fromMs < Math.min(untilMs, endMs); fromMs += periodMs) {
        const lastsMs = Math.min(periodMs, endMs - fromMs);
        rate = Math.max(rate, (1000 * server.workload.between(fromMs, fromMs + lastsMs).requests) / lastsMs);
      }
      const { requests, inputTokens, outputTokens } = server.workload.between(nowMs, untilMs);
      return { ...(requests > 0 ? { inputTokens, outputTokens } : noLoad(server)), requestsPerSec: rate };
    }

    return {
      periodSec,
      begin: begin(setting),
      decide(nowMs, views) {
        return planner.plan(
          servers.map((server) => loadOf(server, nowMs)),
          views.map(({ running }) => running),
        );
      },
    };
  },
};

export default oracle;
