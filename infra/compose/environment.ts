import { readFileSync } from 'node:fs';
import { newSecrets } from '../embedded/src/secrets.ts';

/** The services that have a database each, beside identity. */
const services = ['analytics', 'appraisals', 'complaints', 'console', 'distributors', 'orders', 'planning'];

/** The text of .env.example with every empty value filled in. @throws Error naming a variable that nothing is known for */
export async function freshEnvironment(): Promise<string> {
  const { postgres, clickhouse, identity, personalData, surveyLinks } = await newSecrets({}, services);
  const { 'fenxiao-import': importer, 'fenxiao-reconciliation': auditor } = identity.clients;
  const values: Record<string, string> = {
    POSTGRES_PASSWORD: postgres.superuser,
    // quoted, since compose would read a dollar sign or a hash in it
    IDENTITY_SECRETS: `'${JSON.stringify(identity)}'`,
    PERSONAL_DATA_KEY: personalData,
    SURVEY_LINK_KEY: surveyLinks,
    RECONCILE_CLIENT_SECRET: auditor.secret,
    ADMINISTRATOR_SUBJECT: identity.administratorAccount,
    IMPORTER_SUBJECT: importer.account,
    AUDITOR_SUBJECT: auditor.account,
    // as good as any other new one
    GRAFANA_ADMIN_PASSWORD: (await newSecrets({}, [])).postgres.superuser,
  };
  for (const [name, password] of Object.entries(postgres.roles))
    values[`${name.toUpperCase()}_DATABASE_PASSWORD`] = password;
  for (const [name, password] of Object.entries(clickhouse))
    values[`CLICKHOUSE_${name.toUpperCase()}_PASSWORD`] = password;
  const example = readFileSync(new URL('.env.example', import.meta.url), 'utf8');
  return example.replace(/^([A-Z_]+)=$/gm, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`.env.example names ${name}, and nothing is known for it`);
    return `${name}=${value}`;
  });
}
