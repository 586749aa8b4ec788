import { ApiError } from '../errors.ts';
import { type Chosen, optimize, optimizeLightly } from '../optimizer/optimize.ts';
import { chosen, type Registry } from '../registry.ts';
import type { OptimizeRequest, Plan } from '../schemas/plan.ts';
import type { Solver } from '../solvers/solver.ts';
import { queueModelOfFleet } from './queue-model-choice.ts';

export const DEFAULT_SOLVER = 'auto';
/** What answers when the solver that was asked for has broken down. */
export const FALLBACK_SOLVER = 'greedy';

type ForSolver = Pick<OptimizeRequest, 'capacity' | 'quotas' | 'solver'>;
type Named = ForSolver & Pick<OptimizeRequest, 'queueModel' | 'serviceClasses'>;

/** The solver of a request that names none: without a limit on cards every server can have its best. */
export function defaultSolver({ capacity, quotas }: ForSolver): string {
  return capacity === undefined && quotas === undefined ? 'unlimited' : DEFAULT_SOLVER;
}

/** The names of the strategies that a request is answered by. */
export function strategiesOf(request: Named, registry: Registry): { solver: string; queueModel: string } {
  return {
    solver: solverOf(request, registry).strategy.name,
    queueModel: queueModelOfFleet(request, registry).strategy.name,
  };
}

/**
 * Loads what the request's solver solves with.
 *
 * @throws ApiError when it cannot be loaded: an optional package that is not installed
 */
export async function loadFor(request: ForSolver, registry: Registry): Promise<void> {
  const { name, load } = solverOf(request, registry).strategy;
  try {
    await load?.();
  } catch (error) {
    const detail = `The solver ${name} cannot be loaded: ${(error as Error).message}`;
    throw new ApiError('unavailable', detail);
  }
}

/**
 * Answers a valid request.
 *
 * @throws when its solver is to be loaded and has not been: await `loadFor` first
 */
export function optimizeRequest(request: OptimizeRequest, registry: Registry): Plan {
  return optimize(request, solverOf(request, registry), queueModelOfFleet(request, registry), now, request);
}

/** Answers a valid request if its solver can do so in little time; null: it cannot. */
export function optimizeRequestLightly(request: OptimizeRequest, registry: Registry): Plan | null {
  return optimizeLightly(
    request,
    solverOf(request, registry),
    queueModelOfFleet(request, registry),
    now,
    request,
  );
}

function solverOf(request: ForSolver, registry: Registry): Chosen<Solver> {
  return chosen(registry.solvers, request.solver, defaultSolver(request));
}

function now(): number {
  return performance.now();
}
