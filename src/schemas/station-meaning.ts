import { Faults, isNumber, isObject, type Json } from './fault-list.ts';
import type { InputFault } from './faults.ts';

/** Faults of meaning of a station. */
export function stationFaults(station: unknown, path: string): InputFault[] {
  const faults = new Faults();
  if (!isObject(station)) return [];
  checkCached(station, path, faults);
  const { serviceTime } = station;
  checkServiceTime(serviceTime, `${path}/serviceTime`, faults);
  if (isObject(serviceTime)) {
    const values = [serviceTime.alphaMs, serviceTime.betaMsPerToken, serviceTime.gammaMsPerToken2];
    if (values.every((value) => value === 0)) {
      faults.add(
        `${path}/serviceTime`,
        'is all zero, so the model is not known yet: one parameter at least must be above 0',
      );
    }
  }
  return faults.found;
}

/** Faults of meaning of the rates of an analysis. */
export function rateFaults(rates: unknown, path: string): InputFault[] {
  const faults = new Faults();
  if (isObject(rates) && isNumber(rates.from) && isNumber(rates.to) && rates.from > rates.to) {
    faults.add(`${path}/to`, `must be at least from, ${rates.from}; it is ${rates.to}`);
  }
  return faults.found;
}

/** Parameters below this have no effect that a double can hold. */
const LEAST_PARAMETER = 1e-12;

export function checkServiceTime(serviceTime: unknown, path: string, faults: Faults): void {
  if (!isObject(serviceTime)) return;
  const { alphaMs, betaMsPerToken, gammaMsPerToken2 } = serviceTime;
  faults.zeroOrAtLeast(`${path}/alphaMs`, alphaMs, LEAST_PARAMETER);
  faults.zeroOrAtLeast(`${path}/betaMsPerToken`, betaMsPerToken, LEAST_PARAMETER);
  faults.zeroOrAtLeast(`${path}/gammaMsPerToken2`, gammaMsPerToken2, LEAST_PARAMETER);
}

export function checkCached({ inputTokens, cachedInputTokens }: Json, path: string, faults: Faults): void {
  if (isNumber(inputTokens) && isNumber(cachedInputTokens) && cachedInputTokens > inputTokens) {
    faults.add(
      `${path}/cachedInputTokens`,
      `must be at most inputTokens, ${inputTokens}; it is ${cachedInputTokens}`,
    );
  }
}
