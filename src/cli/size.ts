import { isObject } from '../schemas/fault-list.ts';
import { EXIT } from './exit.ts';
import { perform } from './operations.ts';
import { pointTable } from './point-table.ts';
import { type StationArgs, sourceOf, stationRequest, type TargetArgs, withTargets } from './station-args.ts';
import { figure } from './table.ts';

type SizeArgs = StationArgs & TargetArgs & { readonly rate?: number | undefined };

/** `brazier size`: the highest rate of one replica within its targets. */
export async function sizeCommand(args: SizeArgs): Promise<number> {
  const request = await stationRequest(args, ['requestsPerSec', 'targets']);
  const targeted = withTargets(request, args);
  const sized =
    isObject(targeted) && args.rate !== undefined ? { ...targeted, requestsPerSec: args.rate } : targeted;
  const answer = await perform('size', sized, sourceOf(args), args.server);
  if (args.format === 'json') console.log(JSON.stringify(answer, null, 2));
  else if (!answer.feasible) console.log(`Unreachable: ${answer.reason?.text}`);
  else {
    // Of a target that is not set it says no more than the highest stable rate.
    const { targets } = sized as { targets: Readonly<Record<string, number>> };
    const rates = Object.entries(answer.rateByTarget!)
      .filter(([target]) => targets[target] > 0)
      .map(([target, rate]) => `${target} ${figure(rate)}`);
    console.log(pointTable([answer.at!]));
    console.log(
      `\nOne replica takes ${answer.requestsPerSec!.toPrecision(4)} requests/s; what binds: ${answer.binding}.`,
    );
    if (rates.length > 1) console.log(`Highest rate by target (requests/s): ${rates.join(', ')}.`);
    if (answer.replicas !== null) console.log(`Replicas for the load: ${answer.replicas}.`);
  }
  return answer.feasible ? EXIT.complete : EXIT.shortfall;
}
