import { writeFile } from 'node:fs/promises';
import { loadRegistry } from '../src/registry.ts';
import { core } from './core.ts';
import { evaluations } from './evaluations.ts';
import { growth } from './growth.ts';
import { printed, type Section } from './rows.ts';
import { smallExample } from './small-example.ts';

// Speed, section by section. `--json FILE` writes what the table shows. The small example comes first: after large fleets the
// engine expects objects to live long, and the garbage of small ones costs it more.

const registry = await loadRegistry();
const sections: Section[] = [
  await smallExample(registry),
  core(registry),
  growth(registry),
  evaluations(registry),
];
const measured: Section = {
  rows: sections.flatMap(({ rows }) => rows),
  figures: sections.flatMap(({ figures }) => figures),
};

console.log(printed(measured));
const file = process.argv[process.argv.indexOf('--json') + 1];
if (process.argv.includes('--json')) await writeFile(file, `${JSON.stringify(measured, null, 2)}\n`);
