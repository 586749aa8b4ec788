import type { Term } from '../schemas/fit.ts';
import { type Law, PARAMETERS_OF_LAWS, type ServiceTime } from '../schemas/model.ts';

export const LAW = ['alphaMs', 'betaMsPerToken', 'gammaMsPerToken2'] as const;

export type Parameter = (typeof LAW)[number] | (typeof PARAMETERS_OF_LAWS)[Law][number] | Term;

/** α, β and γ stay within this factor of where they started. */
const REACH = 1e4;

/** Largest values (in the parameter's unit); terms beyond these stand for something else. */
const LARGEST: Readonly<Partial<Record<Parameter, number>>> = {
  residualIterations: 2,
  batchExponent: 1.5,
  kneeTokens: 1e5,
};
const LARGEST_ELSE = 1e6;
const LEAST: Readonly<Partial<Record<Parameter, number>>> = { batchExponent: 0.3, kneeTokens: 8 };

/** How a parameter is sought: as the logarithm of its value in `unit`, or, where it may be 0, as that value itself. */
export interface Sought {
  readonly name: Parameter;
  readonly isLogarithm: boolean;
  readonly unit: number;
  readonly start: number;
  readonly lower: number;
  readonly upper: number;
}

/** What is sought of a law, from the values in `start` on; those that it does not have begin where they change nothing. */
export function soughtOf(law: Law, terms: readonly Term[], start: ServiceTime): Sought[] {
  const names: Parameter[] = [...LAW, ...PARAMETERS_OF_LAWS[law], ...terms];
  return names.map((name) => {
    const isOfAll = (LAW as readonly string[]).includes(name);
    const isLogarithm = isOfAll || name === 'kneeTokens';
    const value = start[name] ?? neutral(name, start);
    const unit = isLogarithm ? value : usualSize(name, start);
    const [least, largest] = isOfAll
      ? [value / REACH, value * REACH]
      : [LEAST[name] ?? 0, LARGEST[name] ?? LARGEST_ELSE];
    const scaled = (x: number) => (isLogarithm ? Math.log(x / unit) : x / unit);
    return {
      name,
      isLogarithm,
      unit,
      start: scaled(value),
      lower: scaled(least),
      upper: scaled(largest),
    };
  });
}

export function parameterAt({ isLogarithm, unit }: Sought, x: number): number {
  return unit * (isLogarithm ? Math.exp(x) : Math.max(0, x));
}

function neutral(name: Parameter, { betaMsPerToken }: ServiceTime): number {
  if (name === 'prefillMsPerToken' || name === 'decodeMsPerToken') return betaMsPerToken;
  if (name === 'batchExponent') return 1;
  return name === 'kneeTokens' ? 256 : 0;
}

/** Of a parameter, in its own unit. */
function usualSize(name: Parameter, { alphaMs, betaMsPerToken }: ServiceTime): number {
  if (name === 'prefillMsPerToken2') return betaMsPerToken / 20_000;
  if (name === 'requestOverheadMs') return alphaMs / 2;
  if (name === 'residualIterations') return 0.5;
  return name === 'batchExponent' ? 1 : betaMsPerToken;
}
