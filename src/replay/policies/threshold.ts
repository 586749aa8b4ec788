import type { Policy, PolicyKind, Wish } from '../policy.ts';
import { meanLoad } from '../start.ts';

/** The autoscaler leaves a metric alone that is off by no more than this share of what it should be. */
const TOLERANCE = 0.1;
/** It doubles replicas at most, or adds four, between two looks. */
const LEAST_STEP = 4;

/**
 * Kubernetes' horizontal pod autoscaler on the sum of waiting requests, which is how KEDA scales by a metric of Prometheus (target of type
 * AverageValue): ceil(sum / target) replicas, at least the server's minimum; fewer only when nothing in the window asked for more
 * (kubernetes.io, "Horizontal Pod Autoscaling": algorithm details, default scaling behaviour).
 */
const threshold: PolicyKind = {
  name: 'threshold',
  summary: "KEDA's rule: a replica for every so many waiting requests",
  create({ servers, planner, settings, endMs }): Policy {
    const { thresholdWaiting, thresholdPeriodSec, thresholdStabilisationSec, thresholdMaxReplicas } =
      settings;
    // It cannot choose what runs: it has what the plan for the mean load takes, of several variants the one with the most replicas.
    const plans = planner.plan(
      servers.map((server) => meanLoad(server, endMs)),
      servers.map(() => []),
    );
    const kinds = plans.map((wish) => wish.toSorted((a, b) => b.replicas - a.replicas).slice(0, 1));
    const looks = Math.max(1, Math.ceil(thresholdStabilisationSec / thresholdPeriodSec));
    const recommended: number[][] = servers.map(() => []);

    function replicasOf(i: number, now: number, waiting: number): number {
      const { minReplicas = 1, maxReplicas = thresholdMaxReplicas } = servers[i].server;
      const ratio = waiting / (thresholdWaiting * now);
      const isNear = ratio >= 1 - TOLERANCE && ratio <= 1 + TOLERANCE;
      const wanted = isNear ? now : Math.ceil(waiting / thresholdWaiting);
      const bounded = Math.min(maxReplicas, Math.max(1, minReplicas, wanted));
      recommended[i] = [...recommended[i], bounded].slice(-looks);
      if (bounded >= now) return Math.min(bounded, Math.max(2 * now, now + LEAST_STEP));
      return Math.min(now, Math.max(...recommended[i]));
    }

    return {
      periodSec: thresholdPeriodSec,
      begin: kinds,
      decide(_, views) {
        return views.map(({ running, waiting }, i): Wish => {
          const [kind] = kinds[i];
          if (!kind) return [];
          const now = running.reduce((sum, { replicas }) => sum + replicas, 0);
          return [{ ...kind, replicas: replicasOf(i, now, waiting) }];
        });
      },
    };
  },
};

export default threshold;
