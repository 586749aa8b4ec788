import type { BalancerName } from '../schemas/simulation-process.ts';

export interface ReplaySettings {
  /** Between decisions of the policies that plan, and of the figures over time. */
  readonly periodSec: number;
  /** Of profiles that do not tell how long a replica takes to serve. */
  readonly startupSec: number;
  readonly balancer: BalancerName;
  /** What servers that run nothing begin with: the plan for the loads of the fleet's file, or for the mean of what they will be offered. */
  readonly begin: 'file' | 'mean';
  /** Plans are made for targets on latency that are tighter by this share: they are kept on average, requests are judged one by one. */
  readonly headroomFraction: number;
  /** `brazier`: the highest rate of so many windows, each a period long, counts. */
  readonly windows: number;
  /** `brazier`: whether the rise over these windows is taken to go on until replicas that start now can serve. */
  readonly isTrendFollowed: boolean;
  /** `brazier`: standard deviations of the count of a window that are added to it, as if it were Poisson's. */
  readonly sigmas: number;
  /** `threshold`: waiting requests for each replica that it aims at. */
  readonly thresholdWaiting: number;
  readonly thresholdPeriodSec: number;
  readonly thresholdStabilisationSec: number;
  /** Replicas of `threshold` at most. */
  readonly thresholdMaxReplicas: number;
}

/**
 * Of `threshold`: five waiting requests per replica, as vLLM's guide to KEDA has it (docs.vllm.ai/projects/production-stack, "Autoscaling
 * with KEDA"), looked at every 15 s, the sync period of Kubernetes' horizontal pod autoscaler, which does KEDA's scaling above one
 * replica, with its window of 300 s for scaling down and 100 replicas, KEDA's maxReplicaCount (keda.sh, ScaledObject specification).
 */
export const DEFAULT_SETTINGS: ReplaySettings = {
  periodSec: 60,
  startupSec: 60,
  balancer: 'least-loaded',
  begin: 'file',
  headroomFraction: 0.2,
  windows: 5,
  isTrendFollowed: true,
  sigmas: 1,
  thresholdWaiting: 5,
  thresholdPeriodSec: 15,
  thresholdStabilisationSec: 300,
  thresholdMaxReplicas: 100,
};
