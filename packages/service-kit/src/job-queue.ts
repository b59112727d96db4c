import type { Client } from 'pg';
import { PgBoss, type ConstructorOptions, type Db } from 'pg-boss';

/**
 * The queue that carries due work to whichever replica is free: pg-boss, in a schema of its own beside the service's.
 * Its owner makes it when migrating; who serves only uses it.
 */

/** what is due; and what failed for good */
export const QUEUE = 'due';
export const FAILED = 'failed';

export const queueSchema = (service: string) => `${service.replaceAll('-', '_')}_jobs`;

/** pg-boss without its own schedule, registry and maintenance of indexes, which take statements and are not needed. */
export const openQueue = (service: string, db: Db, more: ConstructorOptions = {}): PgBoss =>
  new PgBoss({
    db,
    schema: queueSchema(service),
    migrate: false,
    schedule: false,
    registerInstance: false,
    reindex: false,
    monitorVacuum: false,
    openTelemetry: { enabled: false },
    ...more,
  });

/** What fails is tried again after about 1, 2, 4, 8 and 16 minutes, then goes to the other queue. */
const retries = { retryLimit: 5, retryDelay: 60, retryBackoff: true, retryDelayMax: 3600 };

/** Installs the queue or brings it up to date, as its owner, and gives the serving role the use of it. */
export async function migrateQueue(client: Client, service: string, role: string | undefined): Promise<void> {
  const db = { executeSql: (text: string, values?: unknown[]) => client.query(text, values) };
  const boss = openQueue(service, db, { migrate: true, supervise: false });
  const failures: unknown[] = [];
  boss.on('error', (error) => failures.push(error));
  await boss.start();
  await boss.createQueue(FAILED, { ...retries, retryLimit: 1000 });
  await boss.createQueue(QUEUE, { ...retries, deadLetter: FAILED, expireInSeconds: 3600 });
  await boss.stop();
  if (failures.length > 0) throw new AggregateError(failures, `${service}: the queue of jobs could not be made`);
  if (!role) return;
  const [schema, to] = [queueSchema(service), role].map((name) => client.escapeIdentifier(name));
  await client.query(`
    GRANT USAGE ON SCHEMA ${schema} TO ${to};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${to};
    REVOKE INSERT, DELETE ON ${schema}.version, ${schema}.queue FROM ${to};
  `);
}
