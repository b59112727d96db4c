import { existsSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { chromium, type Browser } from 'playwright-core';

const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const ci = !['', '0', 'false', undefined].includes(process.env['CI']);

/** A Chromium that this machine has: what users see. None where none is installed. */
export const openBrowser = (): Promise<Browser | undefined> =>
  program ? chromium.launch({ executablePath: program, args: ['--no-sandbox'] }) : Promise.resolve(undefined);

/** A test that needs {@link openBrowser}. It says so aloud where there is none; CI has one. */
export function inBrowser(name: string, run: () => Promise<void>, timeoutMs = 60_000): void {
  it(
    `${name}, in a browser`,
    async () => {
      if (program) return run();
      expect(ci).toBe(false);
      process.stdout.write('skipped: chromium is not installed\n');
      return undefined;
    },
    timeoutMs,
  );
}
