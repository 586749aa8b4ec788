/** Σ coefficient · x ≤ most. */
export interface Row {
  readonly coefficients: readonly number[];
  readonly most: number;
}

const SLACK = 1e-9;

/** The maximum of Σ weight · x within bounded rows, by trying every corner: for a handful of variables. */
export function maximum(weights: readonly number[], rows: readonly Row[]): number {
  const n = weights.length;
  if (n === 0) return 0;
  let best = Number.NEGATIVE_INFINITY;
  const choose = (from: number, active: readonly Row[]): void => {
    if (active.length === n) {
      const x = solved(active);
      const isWithin =
        x && rows.every(({ coefficients, most }) => dot(coefficients, x) <= most + SLACK * Math.max(1, most));
      if (isWithin) best = Math.max(best, dot(weights, x));
      return;
    }
    for (let i = from; i < rows.length; i++) choose(i + 1, [...active, rows[i]]);
  };
  choose(0, []);
  return best;
}

/** Where all rows hold with equality; null: nowhere, or on a line. */
function solved(rows: readonly Row[]): number[] | null {
  const a = rows.map(({ coefficients, most }) => [...coefficients, most]);
  const n = a.length;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(a[row][column]) > Math.abs(a[pivot][column])) pivot = row;
    }
    if (Math.abs(a[pivot][column]) < 1e-12) return null;
    [a[column], a[pivot]] = [a[pivot], a[column]];
    for (let row = 0; row < n; row++) {
      if (row === column) continue;
      const factor = a[row][column] / a[column][column];
      for (let k = column; k <= n; k++) a[row][k] -= factor * a[column][k];
    }
  }
  return a.map((row, i) => row[n] / row[i]);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
