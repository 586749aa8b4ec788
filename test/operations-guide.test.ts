import { readFileSync } from 'node:fs';
import { test } from 'tap';
import { PACKAGE_ROOT } from '../src/version.ts';
import { service } from './support/service.ts';

const guide = readFileSync(new URL('docs/operations.md', PACKAGE_ROOT), 'utf8');
const named = new Set(
  [...guide.matchAll(/`((?:brazier|process|nodejs)_[a-z0-9_]+)`/g)].map(([, name]) => name),
);

test('The guide of operations has every metric of the service, and no other', async (t) => {
  const app = await service(t);
  const { body } = await app.inject('/metrics');
  const exposed = [...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  t.ok(exposed.length > 20);
  t.same([...named].sort(), exposed.sort());
});
