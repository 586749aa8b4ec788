import { Faults, isObject, isText } from './fault-list.ts';
import type { InputFault } from './faults.ts';
import { pointerToken } from './faults.ts';

/** Faults of meaning of what is asked about the cards of a fleet: types that nothing has, two sweeps at once or none. */
export function cardsFaults(request: unknown): InputFault[] {
  const faults = new Faults();
  if (!isObject(request)) return [];
  const { accelerators, type, prices, sweep } = request;
  const types = (Array.isArray(accelerators) ? accelerators : []).flatMap((accelerator: unknown) =>
    isObject(accelerator) && isText(accelerator.type) ? [accelerator.type] : [],
  );
  const known = [...new Set(types)];
  if (isText(type) && !known.includes(type)) faults.dangling('/type', 'the card type', type, known);
  for (const name of isObject(prices) ? Object.keys(prices) : []) {
    if (!known.includes(name)) faults.dangling(`/prices/${pointerToken(name)}`, 'the card type', name, known);
  }
  if (isObject(sweep) && (sweep.loadFactor === undefined) === (sweep.targetFactor === undefined)) {
    faults.add('/sweep', 'must have either loadFactor or targetFactor');
  }
  return faults.found;
}
