import { optimize } from '../optimizer/optimize.ts';
import { chosen, type Registry } from '../registry.ts';
import type { OptimizeRequest, Plan } from '../schemas/plan.ts';

export const DEFAULT_QUEUE_MODEL = 'state-dependent';

/** The solver of a request that names none: without a limit on cards every server can have its best. */
export function defaultSolver(request: Pick<OptimizeRequest, 'capacity'>): string {
  return request.capacity === undefined ? 'unlimited' : 'greedy';
}

/** Answers a valid request. */
export function optimizeRequest(request: OptimizeRequest, registry: Registry): Plan {
  const solver = chosen(registry.solvers, request.solver, defaultSolver(request));
  const queueModel = chosen(registry.queueModels, request.queueModel, DEFAULT_QUEUE_MODEL);
  return optimize(request, solver, queueModel, () => performance.now());
}
