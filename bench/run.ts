import { writeFile } from 'node:fs/promises';
import { loadRegistry } from '../src/registry.ts';
import { boundary } from './boundary.ts';
import { core } from './core.ts';
import { evaluations } from './evaluations.ts';
import { growth } from './growth.ts';
import { printed, type Section } from './rows.ts';
import { service } from './service.ts';
import { smallExample } from './small-example.ts';

// Speed, section by section. `--json FILE` writes what the table shows, `--soak MINUTES` adds a long load. The small example comes first: after large fleets the
// engine expects objects to live long, and the garbage of small ones costs it more.

const registry = await loadRegistry();
const sections: Section[] = [
  await smallExample(registry),
  core(registry),
  growth(registry),
  evaluations(registry),
  await boundary(registry),
  await service(Number(following('--soak') ?? 0)),
];
const measured: Section = {
  rows: sections.flatMap(({ rows }) => rows),
  figures: sections.flatMap(({ figures }) => figures),
};

console.log(printed(measured));
const file = following('--json');
if (file) await writeFile(file, `${JSON.stringify(measured, null, 2)}\n`);

/** What follows an argument of the command line. */
function following(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}
