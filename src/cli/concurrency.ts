import { EXIT } from './exit.ts';
import { perform } from './operations.ts';
import { pointTable } from './point-table.ts';
import { type StationArgs, sourceOf, stationRequest, type TargetArgs, withTargets } from './station-args.ts';
import { figure } from './table.ts';

/** `brazier concurrency`: a small batch limit with near-peak throughput. */
export async function concurrencyCommand(args: StationArgs & TargetArgs): Promise<number> {
  const request = await stationRequest(args, ['targets']);
  const answer = await perform('concurrency', withTargets(request, args), sourceOf(args), args.server);
  if (args.format === 'json') console.log(JSON.stringify(answer, null, 2));
  else if (!answer.feasible) console.log(`Unreachable: ${answer.reason?.text}`);
  else {
    const { maxBatchSize, throughputPerSec, ceilingThroughputPerSec, at } = answer;
    console.log(pointTable([at!]));
    console.log(
      `\nA batch limit of ${maxBatchSize} completes ${figure(throughputPerSec)} requests/s; the ceiling ${figure(ceilingThroughputPerSec)}.`,
    );
  }
  return answer.feasible ? EXIT.complete : EXIT.shortfall;
}
