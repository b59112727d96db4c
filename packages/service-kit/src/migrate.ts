import { fileURLToPath } from 'node:url';
import { partitionsOf, topicsOf } from '@fenxiao/contracts/topics';
import { eventLogMigrations, messagingMigrations, migrate } from '@fenxiao/messaging/migrate';
import { Client } from 'pg';
import { migrateQueue } from './job-queue.js';

const kitMigrations = fileURLToPath(new URL('../migrations', import.meta.url));

/**
 * Tables that no serving role may change, only add to (X-15, T31, X-14). A service says it of its own by
 * `COMMENT ON TABLE … IS 'append-only'`.
 */
const appendOnly = ['audit', 'audit_link', 'archive_document', 'archive_copy', 'archive_return'];

/**
 * Brings a service's schema and the log up to date, and gives the service's role its rights: all of its own schema but
 * the append-only tables, the log to read and its own topics to write, nothing else.
 * @param url connection of the owner (not of the serving role)
 * @param role the serving role; absent: rights are left alone
 * @param folders the service's own migrations
 */
export async function migrateService(
  url: string,
  service: string,
  folders: readonly string[],
  role?: string,
): Promise<string[]> {
  const client = new Client({ connectionString: url, application_name: `${service} migrate` });
  await client.connect();
  try {
    const done = [
      ...(await migrate(client, 'event_log', 'event-log', eventLogMigrations)),
      ...(await migrate(client, service, 'messaging', messagingMigrations)),
      ...(await migrate(client, service, 'kit', kitMigrations)),
    ];
    for (const folder of folders) done.push(...(await migrate(client, service, 'service', folder)));
    await migrateQueue(client, service, role);
    // The log is everybody's, and services may be migrated side by side: its rights change one at a time. Held to the end.
    await client.query('SELECT pg_advisory_lock(hashtext($1))', ['migrate event_log']);
    await declareTopics(client, service, role);
    if (role) await grant(client, service, role);
    return done;
  } finally {
    await client.end();
  }
}

async function declareTopics(client: Client, service: string, role: string | undefined): Promise<void> {
  for (const topic of topicsOf(service)) {
    await client.query(
      `INSERT INTO event_log.topic (name, parts, writer) VALUES ($1, $2, coalesce($3, session_user))
       ON CONFLICT (name) DO UPDATE SET writer = excluded.writer`,
      [topic, partitionsOf(topic), role],
    );
    await client.query(
      'INSERT INTO event_log.partition (topic, part) SELECT $1, generate_series(0, $2::int - 1) ON CONFLICT DO NOTHING',
      [topic, partitionsOf(topic)],
    );
  }
}

async function grant(client: Client, service: string, role: string): Promise<void> {
  const [schema, to] = [client.escapeIdentifier(service), client.escapeIdentifier(role)];
  await client.query(`
    GRANT USAGE ON SCHEMA ${schema}, event_log TO ${to};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${to};
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO ${to};
    REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ${schema}.migration FROM ${to};
    GRANT MAINTAIN ON ${schema}.outbox TO ${to};
    GRANT SELECT ON event_log.record, event_log.partition, event_log.topic TO ${to};
    GRANT SELECT, INSERT, UPDATE, DELETE ON event_log.lease, event_log.member TO ${to};
    GRANT SELECT, INSERT, UPDATE ON event_log.published TO ${to};
    REVOKE EXECUTE ON FUNCTION event_log.drop_days FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION event_log.ensure_days, event_log.append, event_log.drop_days TO ${to};
  `);
  const own = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = $1::regnamespace AND obj_description(c.oid, 'pg_class') = 'append-only'`,
    [schema],
  );
  for (const table of [...appendOnly, ...own.rows.map(({ name }) => client.escapeIdentifier(name))])
    await client.query(`REVOKE UPDATE, DELETE, TRUNCATE ON ${schema}.${table} FROM ${to}`);
}
