import { readFile } from 'node:fs/promises';
import { buildApp } from '../app.ts';
import { readConfig } from '../config.ts';
import { loadRegistry } from '../registry.ts';
import type { OptimizeRequest } from '../schemas/plan.ts';
import { PACKAGE_ROOT } from '../version.ts';
import { EXIT } from './exit.ts';
import { perform } from './operations.ts';
import { planTable } from './plan-table.ts';
import { terminalWidth } from './table.ts';

const EXAMPLE = 'examples/small-fleet.json';

/** The main job once, over HTTP: start the service on a free port, post the example fleet, print its plan, stop. */
export async function demo(): Promise<number> {
  const app = await buildApp(readConfig({}), await loadRegistry());
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  try {
    const fleet = JSON.parse(await readFile(new URL(EXAMPLE, PACKAGE_ROOT), 'utf8')) as OptimizeRequest;
    console.log(`Brazier listens on ${address}. POST /optimize with ${EXAMPLE}:\n`);
    const plan = await perform('optimize', fleet, EXAMPLE, address);
    console.log(planTable(plan, fleet, terminalWidth()));
    console.log(`
How to go on:
  npm start                                          keeps the service running on http://127.0.0.1:8080
  http://127.0.0.1:8080/docs                         its documentation, to read and to try
  npx . optimize examples/over-subscribed.json       a fleet with too few cards: who is short, and why
  npx . optimize examples/running-fleet.json         a fleet that runs: what changes, and what is left alone
  npx . analyze examples/station.json --plot         latencies of one replica over its load
  npx . --help                                       all commands`);
  } finally {
    await app.close();
  }
  return EXIT.complete;
}
