import { Learning } from '../learning.ts';
import type { PolicyKind } from '../policy.ts';
import { planningPolicy } from './brazier.ts';

/** Plans as `brazier` does, with the service times that the tuner learns from what the replicas were observed to do. */
const tuned: PolicyKind = {
  name: 'brazier-tuned',
  summary: 'as brazier, with service times that the tuner learns from the latencies of each period',
  create(setting) {
    const { servers, planner, tune } = setting;
    const learning = new Learning(servers, planner.believed, tune);
    return planningPolicy(setting, (nowMs, views) => learning.look(nowMs, views));
  },
};

export default tuned;
