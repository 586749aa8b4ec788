import type { Test } from 'tap';
import type { QueueModel } from '../../src/queueing/queue-model.ts';
import { isIndependent } from './conformance-independence.ts';
import { keepsTheLaws } from './conformance-laws.ts';
import { searchesWork } from './conformance-searches.ts';

/** What every queue model must keep: the reference model, any of ours, any of a user's. */
export function conforms(t: Test, model: QueueModel) {
  keepsTheLaws(t, model);
  isIndependent(t, model);
  searchesWork(t, model);
}
