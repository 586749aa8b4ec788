import type { PlannedLoad } from '../planner.ts';
import type { PolicyKind, ServerView } from '../policy.ts';
import type { ReplayedServer } from '../replayed-server.ts';
import { begin, noLoad } from '../start.ts';

/** Plans anew every period, for what was offered lately. */
const brazier: PolicyKind = {
  name: 'brazier',
  summary: 'plans anew every period for the load that was offered lately',
  create({ servers, planner, settings }) {
    const { periodSec, windows, sigmas } = settings;
    const periodMs = 1000 * periodSec;

    /** The highest rate of the last windows, each with what chance may have hidden, and what waits on top, to be worked off in a period. */
    function loadOf(view: ServerView, server: ReplayedServer, nowMs: number): PlannedLoad {
      let rate = 0;
      let fromMs = nowMs;
      for (let i = 0; i < windows && fromMs > 0; i++) {
        const { requests } = view.offered(fromMs - periodMs, fromMs);
        rate = Math.max(rate, (requests + sigmas * Math.sqrt(requests)) / periodSec);
        fromMs -= periodMs;
      }
      const { requests, inputTokens, outputTokens } = view.offered(fromMs, nowMs);
      const tokens = requests > 0 ? { inputTokens, outputTokens } : noLoad(server);
      return { ...tokens, requestsPerSec: rate + view.waiting / periodSec };
    }

    return {
      periodSec,
      begin: begin(servers, planner),
      decide(nowMs, views) {
        if (nowMs === 0) return null;
        const loads = views.map((view, i) => loadOf(view, servers[i], nowMs));
        return planner.plan(
          loads,
          views.map(({ running }) => running),
        );
      },
    };
  },
};

export default brazier;
