/** `npm run compose:env`: writes infra/compose/.env, with secrets of its own. Never over one that is there. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freshEnvironment } from './environment.ts';

const file = fileURLToPath(new URL('.env', import.meta.url));
try {
  writeFileSync(file, await freshEnvironment(), { mode: 0o600, flag: 'wx' });
  console.log(`${file} holds every secret of the installation: keep it like one.`);
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  console.error(`${file} is there already, and its secrets are in the databases: nothing was changed.`);
  process.exitCode = 1;
}
