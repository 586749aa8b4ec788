import { create, DenseMatrixDependencies, type Matrix, multiplyDependencies } from 'mathjs';

// Products of small matrices of numbers by mathjs, through its lower entry points: finding out each time that all are numbers, and which
// signature multiplies those, takes ten times as long as the product itself.

interface Numbers {
  readonly DenseMatrix: new (rows: { data: number[][]; size: number[] }, datatype: string) => Matrix<number>;
  readonly multiply: { readonly signatures: Record<string, (a: Matrix, b: Matrix) => Matrix<number>> };
  readonly typed: { find(operation: object, types: readonly string[]): unknown };
}

/** An instance of our own: that of everybody else is not to be changed. */
const math = create({ DenseMatrixDependencies, multiplyDependencies }) as unknown as Numbers;
const { DenseMatrix, typed } = math;
const product = math.multiply.signatures['Matrix,Matrix'];

const find = typed.find;
const found = new Map<object, unknown>();
typed.find = (operation, types) => {
  if (!found.has(operation)) found.set(operation, find(operation, types));
  return found.get(operation);
};

/** The product of two matrices, rows of equal length each; neither is empty. */
export function multiplied(a: number[][], b: number[][]): number[][] {
  return product(matrixOf(a), matrixOf(b)).valueOf() as number[][];
}

function matrixOf(rows: number[][]): Matrix<number> {
  return new DenseMatrix({ data: rows, size: [rows.length, rows[0].length] }, 'number');
}
