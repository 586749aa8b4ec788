import type { Registry } from '../registry.ts';
import type { SimulateRequest } from '../schemas/simulation.ts';
import type { SimulateAnswer } from '../schemas/simulation-answer.ts';
import type { Prepared } from './operation.ts';
import { loadFor } from './optimize-request.ts';
import { simulatePlan } from './simulate-plan.ts';
import { simulateStations } from './simulate-station.ts';

/** Simulates a station, or every server of a plan; the plan is made first where none is given. */
export function simulateRequest(request: SimulateRequest, registry: Registry): Prepared<SimulateAnswer> {
  const { fleet, plan } = request;
  return {
    // Hundreds of thousands of requests, one by one.
    effort: Number.POSITIVE_INFINITY,
    ...(fleet && !plan && { load: () => loadFor(fleet, registry) }),
    perform: (progress) =>
      fleet
        ? simulatePlan(fleet, request, registry, progress)
        : { answer: simulateStations(request, progress) },
  };
}
