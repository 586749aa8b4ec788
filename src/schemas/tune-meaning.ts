import { formCheck } from './checker.ts';
import { Faults } from './fault-list.ts';
import type { InputFault } from './faults.ts';
import { checkServiceTime } from './station-meaning.ts';
import { STATE_VERSION, TuneItem } from './tune.ts';
import { TuneState } from './tune-state.ts';

const itemForm = formCheck(TuneItem);
const stateForm = formCheck(TuneState);

/** Every fault of an item, or the item, where it has none. */
export function itemFaults(item: unknown): {
  readonly faults: readonly { path: string; message: string }[];
  readonly item: TuneItem | null;
} {
  const found = [...itemForm(item)];
  if (found.length === 0) {
    const { state, seed } = item as TuneItem;
    found.push(...stateFaults(state));
    const faults = new Faults();
    if (seed) {
      checkServiceTime(seed, '/seed', faults);
      const { alphaMs, betaMsPerToken, gammaMsPerToken2 } = seed;
      if (alphaMs + betaMsPerToken + gammaMsPerToken2 === 0) {
        faults.add('/seed', 'is all zero, so that nothing is known: leave it out, and it is guessed');
      }
    }
    found.push(...faults.found);
  }
  const faults = found.map(({ path, message }) => ({ path, message }));
  return faults.length > 0 ? { faults, item: null } : { faults, item: item as TuneItem };
}

function stateFaults(state: TuneItem['state']): InputFault[] {
  if (!state) return [];
  const faults = new Faults();
  if (state.version !== STATE_VERSION) {
    faults.add(
      '/state/version',
      `is ${JSON.stringify(state.version) ?? 'missing'}; this service understands version ${STATE_VERSION}: leave the state out, and give the parameters known last as seed`,
    );
    return faults.found;
  }
  checkServiceTime(state.terms, '/state/terms', faults);
  return [...stateForm(state).map((fault) => ({ ...fault, path: `/state${fault.path}` })), ...faults.found];
}
