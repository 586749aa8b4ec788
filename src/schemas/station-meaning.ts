import { Faults, isNumber, isObject, type Json } from './fault-list.ts';
import type { InputFault } from './faults.ts';
import { LAWS, type Law, PARAMETERS_OF_LAWS } from './model.ts';
import { checkObservedRange } from './observed-range-meaning.ts';

/**
 * Faults of meaning of a station.
 *
 * @param reads what the queue model works with
 */
export function stationFaults(
  station: unknown,
  path: string,
  reads: 'serviceTime' | 'throughput' = 'serviceTime',
): InputFault[] {
  const faults = new Faults();
  if (!isObject(station)) return [];
  const { serviceTime, throughput, observedRange } = station;
  if (station[reads] === undefined) {
    faults.missing(`${path}/${reads}`, 'the queue model works with it');
  } else if (serviceTime === undefined && isObject(observedRange)) {
    faults.add(`${path}/observedRange`, 'says nothing without serviceTime');
  }
  checkCached(station, path, faults);
  checkThroughput(throughput, `${path}/throughput`, faults);
  checkServiceTime(serviceTime, `${path}/serviceTime`, faults);
  checkObservedRange(observedRange, `${path}/observedRange`, faults);
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
export const LEAST_PARAMETER = 1e-12;

export function checkServiceTime(serviceTime: unknown, path: string, faults: Faults): void {
  if (!isObject(serviceTime)) return;
  const { alphaMs, betaMsPerToken, gammaMsPerToken2, decodeMsPerToken } = serviceTime;
  faults.zeroOrAtLeast(`${path}/alphaMs`, alphaMs, LEAST_PARAMETER);
  faults.zeroOrAtLeast(`${path}/betaMsPerToken`, betaMsPerToken, LEAST_PARAMETER);
  faults.zeroOrAtLeast(`${path}/gammaMsPerToken2`, gammaMsPerToken2, LEAST_PARAMETER);
  faults.zeroOrAtLeast(`${path}/decodeMsPerToken`, decodeMsPerToken, LEAST_PARAMETER);
  if (alphaMs === 0 && gammaMsPerToken2 === 0 && decodeMsPerToken === 0) {
    faults.add(
      `${path}/decodeMsPerToken`,
      'must be above 0 where alphaMs and gammaMsPerToken2 are 0: a token would take no time',
    );
  }
  checkLaw(serviceTime, path, faults);
}

const PARAMETERS = Object.entries(PARAMETERS_OF_LAWS);

/** Each law has its own parameters, all of them, and no others. */
function checkLaw(serviceTime: Json, path: string, faults: Faults): void {
  const { law = 'linear' } = serviceTime;
  if (!LAWS.includes(law as Law)) return;
  for (const [owner, names] of PARAMETERS) {
    for (const name of names) {
      const isGiven = serviceTime[name] !== undefined;
      if (owner === law && !isGiven) faults.missing(`${path}/${name}`, `the law ${owner} needs it`);
      else if (owner !== law && isGiven)
        faults.add(`${path}/${name}`, `belongs to the law ${owner}, and the law here is ${law}`);
    }
  }
}

/** A size that is measured twice has two rates. */
export function checkThroughput(throughput: unknown, path: string, faults: Faults): void {
  if (!Array.isArray(throughput)) return;
  const first = new Map<string, number>();
  for (const [i, entry] of throughput.entries()) {
    if (!isObject(entry)) continue;
    const size = `${entry.inputTokens} + ${entry.outputTokens}`;
    const earlier = first.get(size);
    if (earlier === undefined) first.set(size, i);
    else faults.add(`${path}/${i}`, `repeats the size ${size} of ${path}/${earlier}`);
  }
}

export function checkCached({ inputTokens, cachedInputTokens }: Json, path: string, faults: Faults): void {
  if (isNumber(inputTokens) && isNumber(cachedInputTokens) && cachedInputTokens > inputTokens) {
    faults.add(
      `${path}/cachedInputTokens`,
      `must be at most inputTokens, ${inputTokens}; it is ${cachedInputTokens}`,
    );
  }
}
