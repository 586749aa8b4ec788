import type { Variant } from '../optimizer/catalog.ts';

const MS_PER_HOUR = 3_600_000;

/** Time that replicas of each variant are there, from their start, starting included, until they are gone; up to the end of the replay. */
export class CardTime {
  readonly #endMs: number;
  readonly #variants: ReadonlyMap<string, Variant>;
  readonly #held = new Map<string, number>();
  /** Sum of the times at which replicas went less those at which they came (ms). */
  readonly #ms = new Map<string, number>();

  constructor(variants: ReadonlyMap<string, Variant>, endMs: number) {
    this.#variants = variants;
    this.#endMs = endMs;
  }

  came(variant: string, atMs: number): void {
    this.#add(variant, 1, -Math.min(atMs, this.#endMs));
  }

  went(variant: string, atMs: number): void {
    this.#add(variant, -1, Math.min(atMs, this.#endMs));
  }

  #add(variant: string, replicas: number, ms: number): void {
    this.#held.set(variant, (this.#held.get(variant) ?? 0) + replicas);
    this.#ms.set(variant, (this.#ms.get(variant) ?? 0) + ms);
  }

  /** Cards by type that are held now. */
  cardsNow(): Map<string, number> {
    return this.#byType((variant) => this.#held.get(variant)!);
  }

  cardHours(): Map<string, number> {
    return this.#byType((variant) => this.#hours(variant));
  }

  #byType(replicasOf: (variant: string) => number): Map<string, number> {
    const cards = new Map<string, number>();
    for (const name of this.#held.keys()) {
      const { accelerator, cardsPerReplica } = this.#variants.get(name)!;
      cards.set(accelerator.type, (cards.get(accelerator.type) ?? 0) + replicasOf(name) * cardsPerReplica);
    }
    return cards;
  }

  /** What all of them cost. */
  cost(): number {
    const names = [...this.#held.keys()];
    return names.reduce(
      (sum, name) => sum + this.#hours(name) * this.#variants.get(name)!.costPerReplicaHour,
      0,
    );
  }

  /** Those that are still there when the replay ends are there until then. */
  #hours(variant: string): number {
    return (this.#ms.get(variant)! + this.#held.get(variant)! * this.#endMs) / MS_PER_HOUR;
  }
}
