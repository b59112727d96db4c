import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { personEvents, positionEvents } from '@fenxiao/contracts/appraisals';
import { regionEvents } from '@fenxiao/contracts/distributors';
import type { EventContract, FactData } from '@fenxiao/contracts/event';
import type { Role } from '@fenxiao/contracts/roles';
import { topics, partitionsOf } from '@fenxiao/contracts/topics';
import { newId } from '@fenxiao/domain/id';
import { outboxRow } from '@fenxiao/messaging/outbox';
import { migrateService } from '@fenxiao/service-kit/migrate';
import type { BaseConfig } from '@fenxiao/service-kit/config';
import { startService, type RunningService, type ServiceDefinition } from '@fenxiao/service-kit/service';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { Client, Pool } from 'pg';
import { createDatabase, createFilledDatabase } from './database.js';
import { until } from './wait.js';

/** A clock that stands where a test puts it. */
export class TestTime {
  #now: Date;
  constructor(start: string) {
    this.#now = new Date(start);
  }
  now(): Date {
    return this.#now;
  }
  set(to: string): void {
    this.#now = new Date(to);
  }
  /** Moves on by milliseconds. */
  pass(ms: number): void {
    this.#now = new Date(this.#now.getTime() + ms);
  }
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
  readonly body: any;
}

/** Somebody with an account and positions; talks to a service as that person. */
export interface Member {
  readonly id: string;
  readonly subject: string;
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
}

export interface Harness {
  readonly service: RunningService;
  readonly url: string;
  readonly databaseUrl: string;
  /** what a process of this service is told */
  readonly environment: Readonly<Record<string, string>>;
  readonly time: TestTime;
  readonly pool: Pool;
  /** Publishes an event as another service would, through the real log. */
  publish<C extends EventContract>(contract: C, subject: string, data: FactData<C>, sequence?: number): Promise<void>;
  /** Waits until the service has applied everything in the log. */
  settle(): Promise<void>;
  region(code: string, parentId?: string): Promise<string>;
  /** A person with one position, known to the service. */
  staff(roles: Role | Role[], at?: { regionId?: string; unit?: string }): Promise<Member>;
  /** The events the service has published so far, oldest first, from the log. */
  events(
    type?: EventContract,
  ): Promise<
    { type: string; subject: string; sequence: number; data: Record<string, never> & { meta: { rule: string } } }[]
  >;
  /** A token of the issuer; claims given take the place of the right ones, undefined leaves one out. */
  token(subject: string, claims?: Record<string, unknown>): Promise<string>;
  /** where the issuer's public keys are */
  readonly jwksUrl: string;
  request(
    method: string,
    path: string,
    options?: { token?: string; body?: unknown; headers?: Record<string, string> },
  ): Promise<Reply>;
  close(): Promise<void>;
}

const issuer = 'https://issuer.test';
const seconds = () => Math.floor(Date.now() / 1000);

/** Starts a service as it is, on its own database, with an issuer whose tokens it believes. */
export async function harness<C extends BaseConfig>(
  definition: ServiceDefinition<C>,
  options: {
    now?: string;
    env?: Record<string, string>;
    /** what is in the database already when it is brought up to date */
    before?: (databaseUrl: string) => Promise<void>;
  } = {},
): Promise<Harness> {
  const time = new TestTime(options.now ?? '2026-03-10T02:00:00Z');
  const database = options.before ? await createDatabase() : await migratedDatabase(definition);
  if (options.before) {
    await options.before(database.url);
    await migrate(definition, database.url);
  }
  const pool = new Pool({
    connectionString: database.url,
    max: 4,
    options: `-c search_path=${definition.name},public -c timezone=UTC`,
  });
  pool.on('error', () => {});
  const keys = await issuerKeys();
  const env = {
    DATABASE_URL: database.url,
    OIDC_ISSUER: issuer,
    OIDC_JWKS_URI: keys.url,
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'fatal',
    REQUESTS_PER_MINUTE: '1000000',
    DATABASE_POOL: '20',
    SHUTDOWN_GRACE_MS: '500',
    PERSONAL_DATA_KEY: Buffer.from('a key for tests, of 32 bytes: ok').toString('base64'),
    // of complaints
    SURVEY_LINK_KEY: Buffer.from('another key for tests: 32 bytes!').toString('base64'),
    ...options.env,
  };
  const service = await startService(definition, env, time);

  const publish: Harness['publish'] = async (contract, subject, data, sequence = 1) => {
    const meta = { actor: 'system', role: 'system', rule: 'X-01' };
    const row = outboxRow({ contract, subject, sequence, time: time.now(), meta, data });
    await pool.query('SELECT event_log.append($1, $2, $3, $4, $5)', [
      row.topic,
      [row.part],
      [row.key],
      [row.headers],
      [row.value],
    ]);
  };
  const token = (subject: string, claims: Record<string, unknown> = {}) =>
    new SignJWT({
      sub: subject,
      iss: issuer,
      aud: 'fenxiao',
      iat: seconds(),
      exp: seconds() + 3600,
      ...claims,
    })
      .setProtectedHeader({ alg: 'ES256', kid: 'test' })
      .sign(keys.key);
  const request: Harness['request'] = async (method, path, { token: bearer, body, headers } = {}) => {
    const response = await fetch(`${service.url}${path}`, {
      method,
      headers: {
        ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = /[/+]json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: json && text ? JSON.parse(text) : text };
  };

  const sequenced = () =>
    until('the outbox to be empty', async () => (await pool.query('SELECT FROM outbox LIMIT 1')).rowCount === 0);
  const settle = async () => {
    await sequenced();
    await until('the consumer to catch up', async () => {
      const { rows } = await pool.query(
        `SELECT FROM event_log.partition p JOIN event_log.lease l ON l.topic = p.topic AND l.part = p.part AND l.grp = $1
         LEFT JOIN mark m ON m.topic = p.topic AND m.part = p.part WHERE p.next - 1 > coalesce(m.off, 0)`,
        [definition.name],
      );
      return rows.length === 0;
    });
  };

  let numbered = 0;
  const staff: Harness['staff'] = async (roles, at = {}) => {
    const [id, subject] = [newId(), `account-${++numbered}`];
    const since = '2020-01-01';
    await publish(personEvents.registered, id, {
      staffNumber: `S${numbered}`,
      subject,
      category: 'business',
      kind: 'sales',
      employment: 'regular',
      joinedOn: since,
    });
    await publish(positionEvents.assigned, newId(), {
      personId: id,
      roles: [roles].flat() as never,
      ...at,
      validFrom: since,
    });
    await settle();
    const bearer = await token(subject);
    return {
      id,
      subject,
      get: (path, headers) => request('GET', path, { token: bearer, ...(headers ? { headers } : {}) }),
      post: (path, body = {}, headers) =>
        request('POST', path, { token: bearer, body, ...(headers ? { headers } : {}) }),
    };
  };

  return {
    service,
    url: service.url,
    jwksUrl: keys.url,
    databaseUrl: database.url,
    environment: env,
    time,
    pool,
    publish,
    settle,
    staff,
    token,
    request,
    region: async (code, parentId) => {
      const id = newId();
      await publish(regionEvents.created, id, {
        code,
        name: code,
        validFrom: '2020-01-01',
        ...(parentId ? { parentId } : {}),
      });
      await settle();
      return id;
    },
    events: async (contract) => {
      await sequenced();
      const { rows } = await pool.query<{ headers: string; value: string }>(
        'SELECT headers, value FROM event_log.record WHERE topic = $1 ORDER BY at, part, off',
        [`fenxiao.${definition.name}`],
      );
      const all = rows.map(({ headers, value }) => ({
        ...(JSON.parse(headers) as { type: string; subject: string; sequence: number }),
        data: JSON.parse(value) as never,
      }));
      return contract ? all.filter(({ type }) => type === contract.type) : all;
    },
    close: async () => {
      await service.close();
      keys.close();
      await pool.end();
      await database.drop();
    },
  };
}

type Migrated = Pick<ServiceDefinition, 'name' | 'migrations'>;

/** As an installation has it before the service starts. */
const migratedDatabase = (definition: Migrated) =>
  createFilledDatabase(JSON.stringify([definition.name, definition.migrations]), (url) => migrate(definition, url));

async function migrate({ name, migrations }: Migrated, url: string): Promise<void> {
  await migrateService(url, name, migrations);
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await declareAllTopics(client);
  } finally {
    await client.end();
  }
}

/** The topics of services that do not run here, so that their events can be published. */
async function declareAllTopics(client: Client): Promise<void> {
  for (const topic of Object.keys(topics)) {
    await client.query(
      'INSERT INTO event_log.topic (name, parts, writer) VALUES ($1, $2, session_user) ON CONFLICT DO NOTHING',
      [topic, partitionsOf(topic)],
    );
    await client.query(
      'INSERT INTO event_log.partition (topic, part) SELECT $1, generate_series(0, $2::int - 1) ON CONFLICT DO NOTHING',
      [topic, partitionsOf(topic)],
    );
  }
}

async function issuerKeys(): Promise<{ key: CryptoKey; url: string; close(): void }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'test', alg: 'ES256', use: 'sig' }] });
  const server = createServer((_, reply) => reply.setHeader('content-type', 'application/json').end(jwks));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    key: privateKey,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    close: () => server.close(),
  };
}
