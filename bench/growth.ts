import { optimizeRequest } from '../src/operations/optimize-request.ts';
import type { Registry } from '../src/registry.ts';
import { fleetOf } from './fleets.ts';
import { type Section, timeMs } from './rows.ts';

const SIZES = [10, 100, 1_000, 10_000];

/** How the time of a whole optimization grows with the fleet. */
export function growth(registry: Registry): Section {
  const rows = SIZES.map((servers) => {
    const fleet = fleetOf(servers);
    const repeats = Math.max(1, 100 / servers);
    const ms = timeMs(() => optimizeRequest(fleet, registry), servers > 1_000 ? 5 : 15, repeats);
    return { what: `optimization, ${servers} servers × 12`, ms, ratio: null };
  });
  const exponent = Math.log(rows.at(-1)!.ms / rows[0].ms) / Math.log(SIZES.at(-1)! / SIZES[0]);
  return { rows, figures: [{ what: 'growth exponent from 10 to 10,000 servers', value: exponent }] };
}
