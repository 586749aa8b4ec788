import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'tap';
import { launched, skippedWithoutChromium } from '../support/chromium.ts';
import { listening, service } from '../support/service.ts';

test('The pages of the documentation name no other host', async (t) => {
  const app = await service(t);
  const page = await app.inject('/docs');
  t.equal(page.statusCode, 200);
  const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url);
  t.ok(files.length >= 4);
  for (const url of files) {
    t.match(url, /^(\/|\.\/|data:)/);
    if (url.startsWith('/')) t.equal((await app.inject(url)).statusCode, 200, url);
  }
});

test('Pages that could not be made are made anew at the next request', async (t) => {
  let isBroken = false;
  const schema = {
    get params() {
      if (isBroken) throw new Error('out of order');
      return undefined;
    },
  };
  const app = await service(t, { prepare: (made) => made.get('/more', { schema }, async () => 'more') });
  isBroken = true;
  t.equal((await app.inject('/openapi.json')).statusCode, 500);
  isBroken = false;
  const answer = await app.inject('/openapi.json');
  t.equal(answer.statusCode, 200);
  t.ok(answer.json().paths['/more']);
});

test('In a browser every operation is shown and can be tried', {
  skip: skippedWithoutChromium,
}, async (t) => {
  const { app, url: local } = await listening(t);
  const url = local.replace('127.0.0.1', 'brazier.test');
  const page = await (await launched(t)).newPage({ viewport: { width: 1280, height: 1600 } });
  const requested: string[] = [];
  const problems: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.goto(`${url}/docs`);
  await page.waitForSelector('.opblock');

  const { paths } = (await app.openApi()) as { paths: Record<string, Record<string, unknown>> };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const shown = await page.locator('.opblock').evaluateAll((blocks) =>
    blocks.map((block) => {
      const textOf = (selector: string) => block.querySelector(selector)?.textContent ?? '';
      // Long addresses may be broken after a slash.
      return `${textOf('.opblock-summary-method')} ${textOf('.opblock-summary-path').replaceAll('\u200b', '')}`;
    }),
  );
  t.strictSame(shown.sort(), operations.sort());
  await page.screenshot({ path: join(tmpdir(), 'brazier-docs.png') });

  const optimize = page.locator('.opblock', { has: page.locator('[data-path="/optimize"]') });
  await optimize.locator('.opblock-summary').click();
  await optimize.locator('button.execute').click();
  const response = optimize.locator('.live-responses-table .response');
  await response.waitFor();
  t.match(await response.locator('.response-col_status').innerText(), /^200/);
  t.match(await response.innerText(), '"status": "complete"');
  await page.screenshot({ path: join(tmpdir(), 'brazier-docs-optimize.png'), fullPage: true });

  t.ok(requested.length > 5);
  t.strictSame(
    requested.filter((address) => !address.startsWith(`${url}/`) && !address.startsWith('data:')),
    [],
    'nothing comes from outside',
  );
  t.strictSame(problems, []);
});
