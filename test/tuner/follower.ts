import { chosen, loadRegistry } from '../../src/registry.ts';
import type { Observation } from '../../src/schemas/observation.ts';
import type { Tuned, TuneItem } from '../../src/schemas/tune.ts';
import type { TuneState } from '../../src/schemas/tune-state.ts';
import type { Estimator } from '../../src/tuner/estimator.ts';
import { Expectation } from '../../src/tuner/expectation.ts';
import { type Chosen, tuneItem } from '../../src/tuner/tune.ts';
import { logarithmsOf, type Truth } from './replica.ts';

export const { estimators, queueModels } = await loadRegistry(process.env.BRAZIER_PLUGINS);

const expectation = new Expectation(queueModels.get('state-dependent')!, {});

export type Known = Pick<TuneItem, 'seed' | 'state'>;

/** Tunes one variant as a caller does: with the state of the last answer, which has been text meanwhile. */
export class Follower {
  readonly #how: Chosen;
  #known: Known;
  /** What was answered last. */
  answer: Tuned;

  constructor(estimator: Estimator, known: Known = {}, options: Readonly<Record<string, unknown>> = {}) {
    const choice = { name: estimator.name, options };
    this.#how = chosen(new Map([[estimator.name, estimator]]), choice, '') as Chosen;
    this.#known = known;
    this.answer = this.#tune([]);
  }

  see(...observations: readonly Observation[]): this {
    this.answer = this.#tune(observations);
    this.#known = { state: JSON.parse(JSON.stringify(this.answer.state)) as Record<string, unknown> };
    return this;
  }

  /** Another caller who has come as far, and may go on with another estimator. */
  fork(estimator: Estimator = this.#how.strategy): Follower {
    return new Follower(estimator, structuredClone(this.#known));
  }

  get state(): TuneState {
    return this.answer.state as TuneState;
  }

  /** Logarithms of the parameters. */
  get parameters(): Truth {
    return logarithmsOf(this.answer.serviceTime!);
  }

  #tune(observations: readonly Observation[]): Tuned {
    const item = { model: 'm', variant: 'v', ...this.#known, observations: [...observations] };
    return tuneItem(item, this.#how, expectation);
  }
}

/** The estimator of a name, with what it computes with. */
export async function loaded(name: string): Promise<Estimator> {
  const estimator = estimators.get(name)!;
  await estimator.load?.();
  return estimator;
}

/** Reasons for which observations were not taken; null: it was. */
export const reasonsOf = ({ answer }: Follower): unknown[] => answer.observations.map(({ reason }) => reason);

/** The largest difference of two sets of logarithms. */
export const distance = (a: Truth, b: Truth): number =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i])));
