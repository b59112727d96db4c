/**
 * `node --import <this file>`: writes down every statement that a request makes the process send to PostgreSQL through
 * `pg`, one JSON line each, into the file `CAPTURE`. For `bench:orders`, which sends the same again without any of our code.
 * What runs beside requests (the sequencer, consumers, the chain of the audit) is not among them.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import pg from 'pg';

export interface Statement {
  /** the connection of the HTTP client that asked */
  readonly client: number;
  /** counts requests */
  readonly request: number;
  readonly name?: string;
  readonly text: string;
  readonly values: unknown[];
}

const file = process.env['CAPTURE'];
if (file) {
  const out = createWriteStream(file);
  const requests = new AsyncLocalStorage<Pick<Statement, 'client' | 'request'>>();
  let count = 0;
  subscribe('http.server.request.start', (message) => {
    const { request } = message as { request: IncomingMessage };
    requests.enterWith({ client: request.socket.remotePort!, request: ++count });
  });
  // MikroORM brings a `pg` of its own.
  const ofMikroOrm = createRequire(import.meta.resolve('@mikro-orm/postgresql'))('pg') as typeof pg;
  for (const { Client } of new Set([pg, ofMikroOrm])) {
    const query = Client.prototype.query as (this: object, ...args: unknown[]) => unknown;
    Client.prototype.query = function (this: object, ...args: unknown[]) {
      const request = requests.getStore();
      if (request) {
        const [config, given] = args as [string | { name?: string; text: string; values?: unknown[] }, unknown];
        const { text, values = [], ...named } = typeof config === 'string' ? { text: config, values: given } : config;
        const statement = { ...request, ...('name' in named ? { name: named.name } : {}), text, values };
        out.write(
          `${JSON.stringify(statement, (_, value) => (typeof value === 'bigint' ? String(value) : (value as unknown)))}\n`,
        );
      }
      return query.apply(this, args);
    } as never;
  }
}
