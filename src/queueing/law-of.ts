import type { Law } from '../schemas/model.ts';
import type { Station } from '../schemas/station.ts';
import { LinearLaw } from './laws/linear.ts';
import { PowerLaw } from './laws/power.ts';
import { TwoRegimeLaw } from './laws/two-regime.ts';

/** The law that a station's service time names; `linear` where it names none. */
export function serviceLawOf(station: Station): LinearLaw {
  const law: Law = station.serviceTime!.law ?? 'linear';
  if (law === 'power') return new PowerLaw(station);
  return law === 'two-regime' ? new TwoRegimeLaw(station) : new LinearLaw(station);
}
