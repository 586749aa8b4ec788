/** A figure for a sentence: four significant digits. */
export function shown(value: number): string {
  if (Number.isInteger(value) && value < 10_000 && value > -10_000) return String(value);
  if (value < 0.01 || value >= 10_000) return exactly(value);
  let scale =
    value < 0.1 ? 1e5 : value < 1 ? 1e4 : value < 10 ? 1e3 : value < 100 ? 100 : value < 1_000 ? 10 : 1;
  const scaled = value * scale;
  const whole = Math.round(scaled);
  // All but in the middle between two figures the product may have rounded to the wrong side.
  if (!(Math.abs(scaled - whole) <= 0.499_999)) return exactly(value);
  // Digits of whole numbers are written in a third of the time of those of a fraction.
  const units = Math.floor(whole / scale);
  let rest = whole - units * scale;
  if (rest === 0) return String(units);
  for (; rest % 10 === 0; scale /= 10) rest /= 10;
  // The one of the scale keeps the zeros after the point.
  return `${units}.${String(scale + rest).slice(1)}`;
}

function exactly(value: number): string {
  return String(Number(value.toPrecision(4)));
}
