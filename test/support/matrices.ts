import type { Random } from './random.ts';

// Small matrices as rows, plainly: nothing here comes from src.

export type Rows = readonly (readonly number[])[];

export const transposed = (a: Rows): number[][] => a[0].map((_, j) => a.map((row) => row[j]));

export const times = (a: Rows, b: Rows): number[][] =>
  a.map((row) => transposed(b).map((column) => dot(row, column)));

export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i], 0);

export const plus = (a: Rows, b: Rows): number[][] =>
  a.map((row, i) => row.map((value, j) => value + b[i][j]));

export const diagonalOf = (values: readonly number[]): number[][] =>
  values.map((value, i) => values.map((_, j) => (i === j ? value : 0)));

/** By Gauss's and Jordan's elimination with the largest pivot. */
export function inverted(a: Rows): number[][] {
  const n = a.length;
  const rows = a.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let j = 0; j < n; j++) {
    let best = j;
    for (let i = j; i < n; i++) if (Math.abs(rows[i][j]) > Math.abs(rows[best][j])) best = i;
    [rows[j], rows[best]] = [rows[best], rows[j]];
    rows[j] = rows[j].map((value) => value / rows[j][j]);
    for (let i = 0; i < n; i++) {
      const factor = rows[i][j];
      if (i !== j) rows[i] = rows[i].map((value, k) => value - factor * rows[j][k]);
    }
  }
  return rows.map((row) => row.slice(n));
}

/** A random positive definite matrix, B·Bᵀ + I/10, its rows and columns scaled. */
export function positiveDefinite({ normal }: Random, n: number, scales = new Array(n).fill(1)): number[][] {
  const b = Array.from({ length: n }, () => Array.from({ length: n }, normal));
  const full = plus(times(b, transposed(b)), diagonalOf(new Array(n).fill(0.1)));
  return full.map((row, i) => row.map((value, j) => value * scales[i] * scales[j]));
}

/** Rows of a matrix that is kept row by row. */
export const rowsOf = (flat: ArrayLike<number>, n: number): number[][] =>
  Array.from({ length: flat.length / n }, (_, i) => Array.from({ length: n }, (_, j) => flat[i * n + j]));

/** The largest difference of two matrices. */
export const distance = (a: Rows, b: Rows): number =>
  Math.max(...a.map((row, i) => Math.max(...row.map((value, j) => Math.abs(value - b[i][j])))));
