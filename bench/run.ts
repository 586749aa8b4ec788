import { writeFile } from 'node:fs/promises';
import { loadRegistry } from '../src/registry.ts';
import { boundary } from './boundary.ts';
import { core } from './core.ts';
import { evaluations } from './evaluations.ts';
import { growth } from './growth.ts';
import { loopDelay } from './loop-delay.ts';
import { models } from './models.ts';
import { percentiles } from './percentiles.ts';
import { printed, type Section } from './rows.ts';
import { service } from './service.ts';
import { simulator } from './simulator.ts';
import { smallExample } from './small-example.ts';
import { mixes, SHARES, scarce, solvers } from './solvers.ts';
import { tuner } from './tuner.ts';

// Speed, section by section. `--only NAME` measures one, `--json FILE` writes what the tables show, `--soak MINUTES` adds a long load of
// the service. The small example comes first: after large fleets the engine expects objects to live long, and the garbage of
// small ones costs it more.

const registry = await loadRegistry();
await registry.solvers.get('auto')!.load!();
const sections: Readonly<Record<string, () => Section | Promise<Section>>> = {
  'small-example': () => smallExample(registry),
  core: () => core(registry),
  models: () => models(registry),
  percentiles: () => percentiles(registry),
  growth: () => growth(registry),
  evaluations: () => evaluations(registry),
  solvers: () => solvers(registry),
  mixes: () => mixes(registry),
  boundary: () => boundary(registry),
  'loop-delay': async () => ({
    rows: await loopDelay(
      '1000 × 10 tight',
      '/optimize',
      scarce(1_000, 10, SHARES.tight, registry),
      registry,
    ),
    figures: [],
  }),
  tuner: () => tuner(registry),
  simulator,
  service: () => service(Number(following('--soak') ?? 0)),
};

const only = following('--only');
if (only !== undefined && !Object.hasOwn(sections, only))
  throw new Error(`there is no section ${only}; there are ${Object.keys(sections).join(', ')}`);
const rows: Section['rows'][number][] = [];
const figures: Section['figures'][number][] = [];
for (const [name, measure] of Object.entries(sections)) {
  if (only !== undefined && name !== only) continue;
  const section = await measure();
  rows.push(...section.rows);
  figures.push(...section.figures);
  console.log(`${printed(section)}\n`);
}

const file = following('--json');
if (file) await writeFile(file, `${JSON.stringify({ rows, figures }, null, 2)}\n`);

/** What follows an argument of the command line. */
function following(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}
