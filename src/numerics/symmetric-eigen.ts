/** Sweeps of rotations at most; a matrix of a few rows needs five or six. */
const SWEEPS = 50;

/** One eigenvalue with its unit eigenvector. */
export interface EigenPair {
  readonly value: number;
  readonly vector: readonly number[];
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix (n × n, row by row), the largest value first, by Jacobi's rotations
 * (Golub and Van Loan, Matrix Computations, §8.5). The sign of a vector is such that its largest component is positive.
 */
export function symmetricEigen(matrix: ArrayLike<number>, n: number): EigenPair[] {
  const a = new Float64Array(matrix);
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  diagonalize(a, v, n);
  const pairs: EigenPair[] = [];
  for (let j = 0; j < n; j++) pairs.push({ value: a[j * n + j], vector: columnOf(v, n, j) });
  return pairs.sort((x, y) => y.value - x.value);
}

/** The largest eigenvalue alone. */
export function largestEigenvalue(matrix: ArrayLike<number>, n: number): number {
  const a = new Float64Array(matrix);
  diagonalize(a, null, n);
  let largest = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < n; j++) largest = Math.max(largest, a[j * n + j]);
  return largest;
}

/** Leaves the eigenvalues on the diagonal of `a`; the columns of `v` become their vectors. */
function diagonalize(a: Float64Array, v: Float64Array | null, n: number): void {
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) rotated = rotate(a, v, n, p, q) || rotated;
    }
    if (!rotated) break;
  }
}

/** Makes a_pq zero. */
function rotate(a: Float64Array, v: Float64Array | null, n: number, p: number, q: number): boolean {
  const apq = a[p * n + q];
  if (Math.abs(apq) <= 1e-16 * Math.sqrt(Math.abs(a[p * n + p] * a[q * n + q])) || apq === 0) return false;
  const theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const kp = a[k * n + p];
    const kq = a[k * n + q];
    a[k * n + p] = c * kp - s * kq;
    a[k * n + q] = s * kp + c * kq;
  }
  for (let k = 0; k < n; k++) {
    const pk = a[p * n + k];
    const qk = a[q * n + k];
    a[p * n + k] = c * pk - s * qk;
    a[q * n + k] = s * pk + c * qk;
    if (!v) continue;
    const vp = v[k * n + p];
    const vq = v[k * n + q];
    v[k * n + p] = c * vp - s * vq;
    v[k * n + q] = s * vp + c * vq;
  }
  a[p * n + q] = 0;
  a[q * n + p] = 0;
  return true;
}

function columnOf(v: Float64Array, n: number, j: number): number[] {
  const column: number[] = [];
  let largest = 0;
  for (let i = 0; i < n; i++) {
    const x = v[i * n + j];
    column.push(x);
    if (Math.abs(x) > Math.abs(largest)) largest = x;
  }
  return largest < 0 ? column.map((x) => -x) : column;
}
