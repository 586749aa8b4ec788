/** Of e^-y, at every sixteenth: with a short series between them twice as fast as Math.exp where that is what takes the time. */
const SIXTEENTHS = 16;
const TABLE_TO = 32;
const TABLE = Float64Array.from(
  { length: SIXTEENTHS * TABLE_TO + 1 },
  (_, i) => 0.3989422804014327 * Math.exp(-i / SIXTEENTHS),
);

/** The standard normal density, to 2e-12 of its size. */
export function normalDensity(z: number): number {
  const y = 0.5 * z * z;
  if (!(y < TABLE_TO)) return 0.3989422804014327 * Math.exp(-y);
  const i = (SIXTEENTHS * y + 0.5) | 0;
  const x = i / SIXTEENTHS - y;
  const square = x * x;
  return TABLE[i] * (1 + x + square * (1 / 2 + x * (1 / 6) + square * (1 / 24 + x * (1 / 120))));
}

/** P(Z > z) of a standard normal Z, within 7.5e-8. Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17. */
export function normalTail(z: number): number {
  return normalTailFrom(z, normalDensity(z));
}

/** The same where the density at z is known. */
export function normalTailFrom(z: number, density: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const polynomial =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = density * polynomial;
  return z >= 0 ? tail : 1 - tail;
}
