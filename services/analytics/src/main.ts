import { main } from '@fenxiao/service-kit/main';
import { fileURLToPath } from 'node:url';

/**
 * `node main.js` serves; `migrate` brings PostgreSQL and ClickHouse up to date; `replay` makes all facts anew from the raw
 * events; `reconcile` compares the store with the log now; `render [--cluster name]` prints the DDL for a cluster's
 * administrators. The rest is the kit's.
 */
const migrations = [fileURLToPath(new URL('../migrations', import.meta.url))];
const command = process.argv[2] ?? 'serve';

if (['replay', 'reconcile', 'render'].includes(command)) {
  const commands = await import('./commands.js');
  await commands[command as 'replay' | 'reconcile' | 'render'](process.argv.slice(3));
} else {
  await main('analytics', migrations, async () => (await import('./definition.js')).analytics);
  if (command === 'migrate') await (await import('./commands.js')).migrateStore();
}
