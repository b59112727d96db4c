import { createHash, randomBytes } from 'node:crypto';
import { Client } from 'pg';

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A new, empty database of the test run's PostgreSQL, dropped by `drop()`. */
export async function createDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await superuser((client) => client.query(`CREATE DATABASE ${name}`));
  return databaseOf(name);
}

/**
 * A new database that holds what `fill` makes. The test run's first to ask under the same key has it made; everybody gets a
 * copy of their own.
 */
export async function createFilledDatabase(key: string, fill: (url: string) => Promise<void>): Promise<TestDatabase> {
  const template = `template_${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
  const name = `test_${randomBytes(6).toString('hex')}`;
  await superuser(async (client) => {
    // One at a time: nobody copies what is half made.
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [template]);
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [template]);
    if (rowCount === 0) {
      await client.query(`DROP DATABASE IF EXISTS making_${template}`);
      await client.query(`CREATE DATABASE making_${template}`);
      await fill(databaseOf(`making_${template}`).url);
      await client.query(`ALTER DATABASE making_${template} RENAME TO ${template}`);
    }
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
  });
  return databaseOf(name);
}

function databaseOf(name: string): TestDatabase {
  const url = new URL(base());
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await superuser((client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

async function superuser(act: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: base() });
  await client.connect();
  try {
    await act(client);
  } finally {
    await client.end();
  }
}

function base(): string {
  const url = process.env['TEST_POSTGRES_URL'];
  if (!url) throw new Error('the test stack is not running: use `npm test`');
  return url;
}
