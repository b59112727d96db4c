import type { BaseConfig } from './config.js';
import type { ServiceDefinition } from './service.js';

/**
 * The entry of every service's `main.ts`: `node main.js` serves, `node main.js migrate` brings its schema up to date,
 * `node main.js verify-audit` walks the audit chain. The definition is loaded only to serve, so that migrating is quick.
 */
export async function main<Config extends BaseConfig>(
  name: string,
  migrations: readonly string[],
  load: () => Promise<ServiceDefinition<Config>>,
): Promise<void> {
  const command = process.argv[2] ?? 'serve';
  if (command === 'migrate') return migrateCommand(name, migrations);
  if (command === 'verify-audit') return verifyCommand(name);
  if (command !== 'serve') throw new Error(`unknown command ${command}: serve, migrate or verify-audit`);
  const [{ startService }, definition] = await Promise.all([import('./service.js'), load()]);
  const running = await startService(definition).catch((error: unknown) => {
    process.stderr.write(
      `${name} did not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(1);
  });
  let closing: Promise<void> | undefined;
  const stop = () => {
    closing ??= running.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${name} did not stop cleanly: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
}

async function migrateCommand(name: string, migrations: readonly string[]): Promise<void> {
  const { migrateService } = await import('./migrate.js');
  const { MIGRATION_DATABASE_URL: url, SERVICE_ROLE: role } = process.env;
  if (!url) throw new Error('MIGRATION_DATABASE_URL is needed: the connection of the owner');
  const done = await migrateService(url, name, migrations, role);
  process.stdout.write(done.length === 0 ? `${name}: up to date\n` : `${name}: applied ${done.join(', ')}\n`);
}

async function verifyCommand(name: string): Promise<void> {
  const [{ verifyChain }, { Pool }] = await Promise.all([import('./audit.js'), import('pg')]);
  const pool = new Pool({ connectionString: process.env['DATABASE_URL'], options: `-c search_path=${name}` });
  const report = await verifyChain({
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await pool.query<Row>(text, [...values])).rows,
  });
  await pool.end();
  process.stdout.write(`${name}: ${report.verified} of ${report.links} links hold\n`);
  if (!report.brokenAt) return;
  process.stdout.write(`${name}: BROKEN at link ${report.brokenAt.seq}, audit row ${report.brokenAt.auditId}\n`);
  process.exitCode = 1;
}
