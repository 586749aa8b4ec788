import { readFile, writeFile } from 'node:fs/promises';
import { buildApp } from '../app.ts';
import { readConfig } from '../config.ts';
import { loadRegistry } from '../registry.ts';
import { EXIT } from './exit.ts';

interface OpenApiArgs {
  readonly write?: string | undefined;
  readonly check?: string | undefined;
}

/** `brazier openapi`: the OpenAPI document, printed, written or compared. */
export async function writeOpenApi({ write, check }: OpenApiArgs): Promise<number> {
  const app = await buildApp(readConfig({}), await loadRegistry());
  await app.ready();
  const document = `${JSON.stringify(await app.openApi(), null, 2)}\n`;
  await app.close();
  if (write !== undefined) {
    await writeFile(write, document);
  } else if (check !== undefined) {
    if ((await readFile(check, 'utf8')) !== document) {
      console.error(`${check} differs from what the service serves; npm run openapi writes it anew.`);
      return EXIT.failed;
    }
    console.log(`${check} is what the service serves.`);
  } else {
    console.log(document.trimEnd());
  }
  return EXIT.complete;
}
