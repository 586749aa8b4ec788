import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import type { Test } from 'tap';

const PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const executable = process.env.CHROMIUM_PATH || PATHS.find((path) => existsSync(path));

/** Why a test that needs a browser is skipped; false: there is one. */
export const skippedWithoutChromium = executable ? false : 'no Chromium found; set CHROMIUM_PATH';

/** Without its own calls to other hosts: updates, sync, safe browsing. */
const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A name that is not this machine's: some pages ask others only when they are served under one.
  '--host-resolver-rules=MAP brazier.test 127.0.0.1',
];

/** A browser that is closed when the test ends. */
export async function launched(t: Test): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: executable!, args: QUIET });
  t.teardown(() => browser.close());
  return browser;
}
