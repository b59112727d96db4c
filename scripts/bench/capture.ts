/**
 * `node --import <this file>`: writes down every statement the process sends to PostgreSQL through `pg`, one JSON line
 * each, into the file `CAPTURE`. For `bench:orders`, which sends the same again without any of our code.
 */
import { createWriteStream } from 'node:fs';
import { createRequire } from 'node:module';
import pg from 'pg';

export interface Statement {
  /** of the connection that sent it */
  readonly client: number;
  readonly name?: string;
  readonly text: string;
  readonly values: unknown[];
}

const file = process.env['CAPTURE'];
if (file) {
  const out = createWriteStream(file);
  const numbers = new WeakMap<object, number>();
  let count = 0;
  // MikroORM brings a `pg` of its own.
  const ofMikroOrm = createRequire(import.meta.resolve('@mikro-orm/postgresql'))('pg') as typeof pg;
  for (const { Client } of new Set([pg, ofMikroOrm])) {
    const query = Client.prototype.query as (this: object, ...args: unknown[]) => unknown;
    Client.prototype.query = function (this: object, ...args: unknown[]) {
      const [config, given] = args as [string | { name?: string; text: string; values?: unknown[] }, unknown];
      const client = numbers.get(this) ?? ++count;
      numbers.set(this, client);
      const { text, values = [], ...named } = typeof config === 'string' ? { text: config, values: given } : config;
      const statement = { client, ...('name' in named ? { name: named.name } : {}), text, values };
      out.write(
        `${JSON.stringify(statement, (_, value) => (typeof value === 'bigint' ? String(value) : (value as unknown)))}\n`,
      );
      return query.apply(this, args);
    } as never;
  }
}
