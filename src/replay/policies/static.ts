import type { PolicyKind } from '../policy.ts';
import { begin } from '../start.ts';

/** The fleet as it stands. */
const fixed: PolicyKind = {
  name: 'static',
  summary: 'the fleet as it stands; where nothing runs, the plan for the loads of its file',
  create(setting) {
    return { periodSec: Number.POSITIVE_INFINITY, begin: begin(setting), decide: () => null };
  },
};

export default fixed;
