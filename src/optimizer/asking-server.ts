import type { Exclusion } from '../schemas/server-plan.ts';
import type { ResolvedServer } from './catalog.ts';
import type { ServerCandidate, ServerDemand, ServerMixing, Unmixed } from './demand.ts';
import type { Running } from './transition.ts';

/** Tells its mixing when it is asked for: few solvers do. */
export class AskingServer implements ServerDemand {
  readonly name: string;
  readonly priority: number;
  readonly resolved: ResolvedServer;
  readonly running: readonly Running[];
  readonly plannedRate: number | null;
  readonly unknown: ServerDemand['unknown'];
  readonly candidates: readonly ServerCandidate[];
  readonly valueOfNothing: number;
  readonly excluded: readonly Exclusion[];
  readonly #mix: (demand: Unmixed) => ServerMixing | undefined;
  #mixing: ServerMixing | null | undefined = null;

  constructor(demand: Unmixed, mix: (demand: Unmixed) => ServerMixing | undefined) {
    this.name = demand.name;
    this.priority = demand.priority;
    this.resolved = demand.resolved;
    this.running = demand.running;
    this.plannedRate = demand.plannedRate;
    this.unknown = demand.unknown;
    this.candidates = demand.candidates;
    this.valueOfNothing = demand.valueOfNothing;
    this.excluded = demand.excluded;
    this.#mix = mix;
  }

  get mixing(): ServerMixing | undefined {
    if (this.#mixing === null) this.#mixing = this.#mix(this);
    return this.#mixing;
  }
}
