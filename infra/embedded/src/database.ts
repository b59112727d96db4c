import { Client } from 'pg';

/** PostgreSQL role of a service. */
export function roleOf(service: string): string {
  return `fenxiao_${service.replaceAll('-', '_')}`;
}

/**
 * Makes the database, a role with its password for each entry of `passwords` (by name of service), and the schema of
 * identity if it is one of them. Services make their own schemas by their migrations. May be repeated.
 *
 * @param superuserUrl for database `postgres`
 */
export async function prepareDatabase(
  superuserUrl: string,
  passwords: Record<string, string>,
  database = 'fenxiao',
): Promise<void> {
  await connected(superuserUrl, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
    if (rowCount === 0) await client.query(`create database ${database}`);
    const { rows } = await client.query<{ rolname: string }>('select rolname from pg_roles');
    for (const [service, password] of Object.entries(passwords)) {
      const role = roleOf(service);
      const verb = rows.some(({ rolname }) => rolname === role) ? 'alter' : 'create';
      await client.query(
        `${verb} role ${client.escapeIdentifier(role)} login password ${client.escapeLiteral(password)}`,
      );
    }
  });
  await connected(superuserUrl.replace(/postgres$/, database), async (client) => {
    await client.query(`
      revoke all on database ${database} from public;
      revoke all on schema public from public`);
    if ('identity' in passwords)
      await client.query(`create schema if not exists identity authorization ${roleOf('identity')}`);
    const roles = Object.keys(passwords).map((service) => client.escapeIdentifier(roleOf(service)));
    await client.query(`grant connect on database ${database} to ${roles.join(', ')}`);
  });
}

async function connected(url: string, action: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    await action(client);
  } finally {
    await client.end();
  }
}
