// Symmetric positive definite matrices of a few rows, n × n, row by row in a Float64Array.

/**
 * The lower factor L of L·Lᵀ = A, in place of the lower triangle of A.
 *
 * @returns false: A is not positive definite to working precision; what is in `a` then means nothing
 */
export function factorize(a: Float64Array, n: number): boolean {
  for (let j = 0; j < n; j++) {
    let pivot = a[j * n + j];
    for (let k = 0; k < j; k++) pivot -= a[j * n + k] ** 2;
    if (!(pivot > 0) || pivot === Number.POSITIVE_INFINITY) return false;
    const root = Math.sqrt(pivot);
    a[j * n + j] = root;
    for (let i = j + 1; i < n; i++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = sum / root;
    }
  }
  return true;
}

/** Solves L·Lᵀ·x = b in place of b. */
export function solveFactorized(factor: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) b[i] -= factor[i * n + k] * b[k];
    b[i] /= factor[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) b[i] -= factor[k * n + i] * b[k];
    b[i] /= factor[i * n + i];
  }
}

/** The inverse of a symmetric positive definite matrix, symmetric to the last digit; null: it is not positive definite. */
export function inverseOf(a: Float64Array, n: number): Float64Array | null {
  const factor = a.slice();
  if (!factorize(factor, n)) return null;
  const inverse = new Float64Array(n * n);
  const column = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    column.fill(0);
    column[j] = 1;
    solveFactorized(factor, n, column);
    for (let i = j; i < n; i++) {
      inverse[i * n + j] = column[i];
      inverse[j * n + i] = column[i];
    }
  }
  return inverse;
}
