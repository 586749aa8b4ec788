import brazier from './policies/brazier.ts';
import tuned from './policies/brazier-tuned.ts';
import oracle from './policies/oracle.ts';
import fixed from './policies/static.ts';
import threshold from './policies/threshold.ts';
import type { PolicyKind } from './policy.ts';

/** In the order in which they are told. */
export const POLICIES: readonly PolicyKind[] = [brazier, tuned, oracle, threshold, fixed];
