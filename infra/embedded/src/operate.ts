import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { readRunning, readSecrets } from './data-folder.js';
import { roleOf } from './database.js';
import { builtServices } from './plan.js';
import { stillRuns } from './processes.js';

/** What an operator asks of the stack that runs on a data folder. @throws when nothing runs there */
async function running(data: string) {
  const found = await readRunning(data);
  const supervisor = found?.processes['supervisor'];
  if (!found || !supervisor || !stillRuns(supervisor)) throw new Error(`Nothing runs on ${data}: npm start first.`);
  return { ...found, secrets: await readSecrets(data) };
}

/**
 * walks the audit chain of every service, each as its own role.
 *
 * @returns 0 when every link of every chain holds, else 1
 */
export async function verifyAudit(root: string, data: string): Promise<number> {
  const { ports, secrets } = await running(data);
  let broken = 0;
  for (const service of builtServices(root)) {
    const password = secrets.postgres.roles[service] ?? '';
    const url = `postgres://${roleOf(service)}:${password}@127.0.0.1:${ports['postgresql']}/fenxiao`;
    const child = spawn(process.execPath, [join(root, 'services', service, 'dist', 'main.js'), 'verify-audit'], {
      env: { ...process.env, DATABASE_URL: url },
      stdio: 'inherit',
    });
    const code = await new Promise<number | null>((done) => child.once('close', done));
    if (code !== 0) broken++;
  }
  return broken === 0 ? 0 : 1;
}

/** How analysts connect: SQL over the views of the database `analyst`, reading only. */
export async function analystAccess(data: string): Promise<string> {
  const { url, secrets } = await running(data);
  const password = secrets.clickhouse.analyst;
  return [
    `ClickHouse over HTTP: ${url}/clickhouse, user analyst, password ${password}, database analyst`,
    `  curl '${url}/clickhouse/' -u 'analyst:${password}' --data 'SHOW TABLES'`,
  ].join('\n');
}
