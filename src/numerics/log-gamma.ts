/** ln Γ(z) for z > 0, to about 1e-15 of its size: Stirling's series, reached from below by Γ(z+1) = z·Γ(z). */
export function logGamma(z: number): number {
  let product = 1;
  let x = z;
  while (x < 15) {
    product *= x;
    x++;
  }
  const inverse = 1 / x;
  const s = inverse * inverse;
  const series =
    inverse *
    (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - (s * 691) / 360360)))));
  const value = (x - 0.5) * Math.log(x) - x + HALF_LOG_2_PI + series;
  return product === 1 ? value : value - Math.log(product);
}

const HALF_LOG_2_PI = 0.9189385332046727;
