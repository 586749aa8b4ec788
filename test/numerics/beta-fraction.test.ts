import { test } from 'tap';
import { betaFraction } from '../../src/numerics/beta-fraction.ts';
import { logGamma } from '../../src/numerics/log-gamma.ts';
import { near } from '../support/properties.ts';

test('logGamma is the logarithm of the factorial at whole numbers', async (t) => {
  let sum = 0;
  for (let n = 1; n <= 3_000; n++) {
    sum += Math.log(n);
    if (Math.abs(logGamma(n + 1) - sum) > 1e-13 * Math.max(1, sum))
      t.fail(`ln ${n}! is ${sum}, not ${logGamma(n + 1)}`);
  }
  t.equal(Math.abs(logGamma(0.5) - Math.log(Math.sqrt(Math.PI))) < 1e-14, true, 'Γ(1/2) = √π');
  t.equal(Math.abs(logGamma(1e6 + 1) - logGamma(1e6) - Math.log(1e6)) < 1e-8, true, 'Γ(z + 1) = z·Γ(z)');
});

test('the fraction gives the binomial tail that the incomplete beta function stands for', async (t) => {
  // I_x(a, b) with whole a, b is P(at least a of a + b - 1 trials succeed), a sum that can be written out.
  const tail = (a: number, b: number, x: number) => {
    const n = a + b - 1;
    let sum = 0;
    for (let k = a; k <= n; k++) {
      const logChoose = logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
      sum += Math.exp(logChoose + k * Math.log(x) + (n - k) * Math.log1p(-x));
    }
    return sum;
  };
  for (const [a, b] of [
    [1, 1],
    [2, 5],
    [40, 3],
    [300, 200],
    [2_000, 700],
    // Its convergents shrink below the least number.
    [80_000, 41],
  ]) {
    for (const share of [0.1, 0.5, 0.9, 0.999, 0.9995]) {
      const x = (share * (a + 1)) / (a + b + 2);
      const logFront =
        a * Math.log(x) + b * Math.log1p(-x) - Math.log(a) + logGamma(a + b) - logGamma(a) - logGamma(b);
      const value = Math.exp(logFront) * betaFraction(a, b, x);
      t.doesNotThrow(() => near(value, tail(a, b, x), 1e-9, 1e-290, 'I'), `I_${x}(${a}, ${b})`);
    }
  }
});
