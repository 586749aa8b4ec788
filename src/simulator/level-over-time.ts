/** Between half as many and so many stretches of time are kept: they are joined in pairs when there are too many. */
const MOST_STRETCHES = 128;
const FIRST_WIDTH_MS = 1000;

/** The mean level of something over stretches of time of equal length, which grow with the time that has passed. */
export class LevelOverTime {
  readonly #areas = new Float64Array(MOST_STRETCHES);
  #widthMs = FIRST_WIDTH_MS;
  /** The latest time that was told of (ms). */
  untilMs = 0;
  #area = 0;

  /** There was so much of it between two times (ms), beside what is added otherwise. */
  add(fromMs: number, toMs: number, level: number): void {
    while (toMs > MOST_STRETCHES * this.#widthMs) this.#widen();
    this.#area += level * (toMs - fromMs);
    if (toMs > this.untilMs) this.untilMs = toMs;
    const first = Math.floor(fromMs / this.#widthMs);
    if (first < MOST_STRETCHES && toMs <= (first + 1) * this.#widthMs) {
      this.#areas[first] += level * (toMs - fromMs);
      return;
    }
    let at = fromMs;
    for (let i = first; at < toMs; i++) {
      const end = Math.min(toMs, (i + 1) * this.#widthMs);
      this.#areas[Math.min(i, MOST_STRETCHES - 1)] += level * (end - at);
      at = Math.max(end, at + 1e-9 * this.#widthMs);
    }
  }

  #widen(): void {
    for (let i = 0; i < MOST_STRETCHES; i++) {
      this.#areas[i] = i < MOST_STRETCHES / 2 ? this.#areas[2 * i] + this.#areas[2 * i + 1] : 0;
    }
    this.#widthMs *= 2;
  }

  /** The level integrated over all time so far (ms). */
  get area(): number {
    return this.#area;
  }

  get widthMs(): number {
    return this.#widthMs;
  }

  /**
   * The mean of each stretch until a time (ms), the last one in part.
   *
   * @param widthMs of the stretches: at least what they have grown to
   */
  levels(untilMs: number, widthMs = this.#widthMs): number[] {
    while (this.#widthMs < widthMs) this.#widen();
    const count = Math.min(MOST_STRETCHES, Math.ceil(untilMs / this.#widthMs));
    return Array.from({ length: count }, (_, i) => {
      const lasts = Math.min(this.#widthMs, untilMs - i * this.#widthMs);
      return this.#areas[i] / lasts;
    });
  }
}
