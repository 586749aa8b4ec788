import type { ServiceTime } from '../schemas/model.ts';
import type { Combination } from '../schemas/tune.ts';
import { figure, table } from './table.ts';

/** Parameters of a service time, each with its standard error. */
export function parameterTable(
  serviceTime: ServiceTime,
  standardErrors: Readonly<Record<string, number>> | null,
): string {
  const rows = Object.entries(serviceTime).map(([name, value]) => {
    if (typeof value === 'string') return [name, value, '–', '–'];
    const error = standardErrors?.[name];
    const relative = error !== undefined && value > 0 ? percent(error / value) : '–';
    return [name, String(Number(value.toPrecision(4))), digits(error), relative];
  });
  return table(['parameter', 'value', '± standard error', 'relative'], rows, [1, 2, 3]);
}

/** Two digits are what an error is worth. */
function digits(error: number | undefined): string {
  return error === undefined ? '–' : String(Number(error.toPrecision(2)));
}

export function percent(fraction: number): string {
  const value = 100 * fraction;
  if (value > 1000) return '> 1000 %';
  return `${value < 100 ? value.toFixed(1) : figure(value)} %`;
}

/** A product of powers of parameters, those left out that hardly matter: alphaMs^0.93 · gammaMsPerToken2^0.31. */
export function productOf({ exponents }: Combination): string {
  return Object.entries(exponents)
    .filter(([, exponent]) => Math.abs(exponent) >= 0.05)
    .map(([name, exponent]) => `${name}^${Number(exponent.toPrecision(2))}`)
    .join(' · ');
}
