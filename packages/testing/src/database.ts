import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** A new, empty database of the test run's PostgreSQL, dropped by `drop()`. */
export async function createDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await superuser(`CREATE DATABASE ${name}`);
  const url = new URL(base());
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => superuser(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function superuser(statement: string): Promise<void> {
  const client = new Client({ connectionString: base() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function base(): string {
  const url = process.env['TEST_POSTGRES_URL'];
  if (!url) throw new Error('the test stack is not running: use `npm test`');
  return url;
}
