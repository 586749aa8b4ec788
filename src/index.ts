// What a program that embeds Brazier, or a plug-in for it, imports.
export { loadFor, optimizeRequest } from './operations/optimize-request.ts';
export { type Chosen, optimize } from './optimizer/optimize.ts';
export type { Queue, QueueEstimates, QueueMetrics, QueueModel } from './queueing/queue-model.ts';
export { chosen, loadRegistry, type Registry } from './registry.ts';
export type * from './schemas/accelerator.ts';
export { requestChecks } from './schemas/checker.ts';
export type * from './schemas/fleet.ts';
export type { OptimizeRequest, Plan } from './schemas/plan.ts';
export type { Strategy } from './schemas/plug-in.ts';
export type { Station } from './schemas/station.ts';
export type {
  Assignment,
  Candidate,
  Demand,
  Problem,
  Solution,
  Solver,
  Termination,
  Use,
} from './solvers/solver.ts';
