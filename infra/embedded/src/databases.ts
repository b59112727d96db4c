/**
 * Prepares a PostgreSQL server for services that each have a database of their own (`fenxiao_<service>`): databases, roles,
 * passwords. May be repeated; a password that has changed is set anew. Ends by itself.
 */
import { z } from 'zod';
import { prepareDatabase, roleOf } from './database.js';

const Environment = z.object({
  /** of the database `postgres` */
  SUPERUSER_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** JSON: passwords by name of service */
  DATABASE_PASSWORDS: z
    .string()
    .transform((text) => z.record(z.string().regex(/^[a-z-]+$/), z.string().min(1)).parse(JSON.parse(text))),
});

const { SUPERUSER_DATABASE_URL: url, DATABASE_PASSWORDS: passwords } = Environment.parse(process.env);
for (const [service, password] of Object.entries(passwords))
  await prepareDatabase(url, { [service]: password }, roleOf(service));
console.log(`databases: ${Object.keys(passwords).join(', ')} are ready`);
