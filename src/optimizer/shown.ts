/** A figure for a sentence: four significant digits. */
export function shown(value: number): string {
  if (Number.isInteger(value) && value < 10_000 && value > -10_000) return String(value);
  if (value < 0.01 || value >= 10_000) return exactly(value);
  const scale =
    value < 0.1 ? 1e5 : value < 1 ? 1e4 : value < 10 ? 1e3 : value < 100 ? 100 : value < 1_000 ? 10 : 1;
  const scaled = value * scale;
  const whole = Math.round(scaled);
  // All but in the middle between two figures the product may have rounded to the wrong side.
  if (Math.abs(scaled - whole) > 0.499_999) return exactly(value);
  return String(whole / scale);
}

function exactly(value: number): string {
  return String(Number(value.toPrecision(4)));
}
