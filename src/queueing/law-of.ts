import type { Law } from '../schemas/model.ts';
import type { Station } from '../schemas/station.ts';
import { LinearLaw } from './laws/linear.ts';
import { PowerLaw } from './laws/power.ts';
import { TwoRegimeLaw } from './laws/two-regime.ts';

/**
 * The law that a station's service time names; `linear` where it names none.
 *
 * @param outputCv coefficient of variation of the output lengths
 * @param inputCv that of the prompt lengths
 * @param isInTurn whether prompts take the token budget first come, first served; not so under `two-regime`
 */
export function serviceLawOf(station: Station, outputCv = 0, inputCv = 0, isInTurn = false): LinearLaw {
  const law: Law = station.serviceTime!.law ?? 'linear';
  if (law === 'power') return new PowerLaw(station, outputCv, inputCv, isInTurn);
  return law === 'two-regime'
    ? new TwoRegimeLaw(station, outputCv, inputCv)
    : new LinearLaw(station, outputCv, inputCv, isInTurn);
}
