import { existsSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { authority } from './addresses.js';
import type { DataFolder, Format } from './data-folder.js';
import { roleOf } from './database.js';
import { assertFree, freePort } from './ports.js';
import { selfSigned, type Tls } from './tls.js';

export interface StackOptions {
  /** The repository: where services/ and dashboards/ are. */
  root: string;
  /** The data folder. */
  data: string;
  /** What a data folder that is made now will hold. */
  content: Format['content'];
  /** Port of the gateway; 0: any free one, and the same for everything behind it. */
  port: number;
  /** Address the gateway listens on. */
  host: string;
  /** What browsers call the gateway, when that is not what it listens on. */
  publicUrl?: string;
  tls?: Tls | 'self-signed';
  /** Gets a line to show. */
  say: (line: string) => void;
  /** Show what the processes write, too. */
  verbose?: boolean;
  /** Program to start as ClickHouse; our own if not given. */
  clickhouse?: string;
}

type Environment = Record<string, string>;

/** Names of the services under `root` that are built. */
export function builtServices(root: string): string[] {
  const folder = join(root, 'services');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => existsSync(join(folder, name, 'dist', 'main.js'))).toSorted();
}

/** Where everything is in one run of the stack, and what each process is told. */
export class Plan {
  /** What browsers call the gateway. */
  readonly url: string;
  readonly ports: Record<string, number>;
  readonly services: string[];
  readonly #options: StackOptions;
  readonly #data: DataFolder;
  readonly #tls: Tls | undefined;

  private constructor(
    options: StackOptions,
    data: DataFolder,
    services: string[],
    url: string,
    ports: Record<string, number>,
    tls: Tls | undefined,
  ) {
    this.#options = options;
    this.#data = data;
    this.services = services;
    this.url = url;
    this.ports = ports;
    this.#tls = tls;
  }

  /** Chooses ports, and makes a certificate if one is wanted. @throws when the gateway's port is taken */
  static async make(options: StackOptions, data: DataFolder, services: string[]): Promise<Plan> {
    const { port, host } = options;
    const gateway = port || (await freePort());
    await assertFree(gateway, host);
    const ports: Record<string, number> = { gateway };
    const taken = new Set([gateway]);
    for (const name of ['postgresql', 'clickhouse', 'identity', ...services]) {
      // A little above the gateway's, and so the same ones nearly always.
      const from = port ? Math.max(...taken, port + 9) + 1 : 0;
      let found = await freePort(from);
      while (taken.has(found)) found = await freePort(from);
      taken.add((ports[name] = found));
    }
    const anyAddress = host === '0.0.0.0' || host === '::';
    const named = `${options.tls ? 'https' : 'http'}://${authority(anyAddress ? hostname() : host, gateway)}`;
    const url = new URL(options.publicUrl ?? named).origin;
    const names = [new URL(url).hostname, 'localhost', '127.0.0.1', ...(anyAddress ? [] : [host])];
    const tls =
      options.tls === 'self-signed' ? await selfSigned(join(data.path, 'tls'), [...new Set(names)]) : options.tls;
    return new Plan(options, data, services, url, ports, tls);
  }

  /** Address of a process behind the gateway. */
  at(name: string): string {
    return `http://127.0.0.1:${this.ports[name]}`;
  }

  /** Path of a compiled program of a service. */
  script(service: string, program: string): string {
    return join(this.#options.root, 'services', service, 'dist', `${program}.js`);
  }

  superuserUrl(database: string): string {
    return this.#databaseUrl('postgres', this.#data.secrets.postgres.superuser, database);
  }

  /** Where the demonstration's accounts are listed, once they are. */
  get demonstrationAccounts(): string {
    return process.env['IDENTITY_DEMO_ACCOUNTS'] ?? join(this.#data.path, 'demonstration-accounts.json');
  }

  forClickHouse(): Environment {
    const { analytics, viewer, dashboards, analyst } = this.#data.secrets.clickhouse;
    // A reader sees one database only; those of analysts and of Grafana hold views made for them.
    const users = [
      { name: 'analytics', password: analytics, kind: 'writer', database: 'fenxiao' },
      { name: 'viewer', password: viewer, kind: 'reader', database: 'fenxiao', narrows: true },
      { name: 'dashboards', password: dashboards, kind: 'reader', database: 'dashboards' },
      { name: 'analyst', password: analyst, kind: 'reader', database: 'analyst' },
    ];
    return {
      CLICKHOUSE_PORT: String(this.ports['clickhouse']),
      CLICKHOUSE_HOST: '127.0.0.1',
      CLICKHOUSE_DATA: join(this.#data.path, 'clickhouse'),
      CLICKHOUSE_USERS: JSON.stringify(users),
      UV_THREADPOOL_SIZE: '16',
      ...this.#everywhere(),
    };
  }

  forIdentity(): Environment {
    return {
      PORT: String(this.ports['identity']),
      HOST: '127.0.0.1',
      DATABASE_URL: this.#databaseUrlOf('identity'),
      PUBLIC_URL: this.url,
      IDENTITY_SECRETS: JSON.stringify(this.#data.secrets.identity),
      IDENTITY_DEMO_ACCOUNTS: this.demonstrationAccounts,
      IDENTITY_FIRST_ADMINISTRATOR: this.#data.format.content === 'empty' ? '1' : '0',
      FENXIAO_EMBEDDED: '1',
      GATEWAY_HOST: this.#options.host,
      ...this.#everywhere(),
    };
  }

  forService(name: string): Environment {
    const store = {
      CLICKHOUSE_URL: this.at('clickhouse'),
      CLICKHOUSE_USER: 'analytics',
      CLICKHOUSE_PASSWORD: this.#data.secrets.clickhouse.analytics,
      CLICKHOUSE_VIEWER_USER: 'viewer',
      CLICKHOUSE_VIEWER_PASSWORD: this.#data.secrets.clickhouse.viewer,
      RECONCILE_WITH: `${this.at('orders')}/reconciliation/sales`,
      RECONCILE_TOKEN_URL: `${this.at('identity')}/auth/token`,
      RECONCILE_CLIENT_SECRET: this.#data.secrets.identity.clients['fenxiao-reconciliation'].secret,
    };
    return {
      PORT: String(this.ports[name]),
      HOST: '127.0.0.1',
      DATABASE_URL: this.#databaseUrlOf(name),
      // Programs inherit the rest of what this process was told, of a Kafka too.
      EVENT_LOG: process.env['EVENT_LOG'] ?? 'postgres',
      ...(name === 'analytics' ? store : {}),
      OIDC_ISSUER: `${this.url}/auth`,
      OIDC_JWKS_URI: `${this.at('identity')}/auth/jwks`,
      OIDC_AUDIENCE: 'fenxiao',
      PUBLIC_URL: this.url,
      PERSONAL_DATA_KEY: this.#data.secrets.personalData,
      ...(name === 'appraisals' ? this.#firstPeople() : {}),
      ...(name === 'console' ? { ...this.#asClient(), MAIL_FOLDER: join(this.#data.path, 'mail') } : {}),
      ...(name === 'complaints' ? this.#ofComplaints() : {}),
      ...this.#everywhere(),
    };
  }

  #ofComplaints(): Environment {
    return {
      ATTACHMENT_FOLDER: join(this.#data.path, 'attachments'),
      SURVEY_LINK_KEY: this.#data.secrets.surveyLinks,
    };
  }

  /** Accounts that must be somebody before anybody has registered anybody. */
  #firstPeople(): Environment {
    const { clients, administratorAccount } = this.#data.secrets.identity;
    const empty = this.#data.format.content === 'empty';
    return {
      BOOTSTRAP_IMPORTER_SUBJECT: clients['fenxiao-import'].account,
      BOOTSTRAP_AUDITOR_SUBJECT: clients['fenxiao-reconciliation'].account,
      ...(empty ? { BOOTSTRAP_ADMIN_SUBJECT: administratorAccount } : {}),
    };
  }

  forMigration(name: string): Environment {
    return {
      ...this.forService(name),
      MIGRATION_DATABASE_URL: this.superuserUrl('fenxiao'),
      SERVICE_ROLE: roleOf(name),
    };
  }

  forGateway(): Environment {
    const services = Object.fromEntries(this.services.map((name) => [name, this.ports[name]]));
    const { identity, clickhouse } = this.ports;
    return {
      PORT: String(this.ports['gateway']),
      GATEWAY_HOST: this.#options.host,
      PUBLIC_URL: this.url,
      GATEWAY_UPSTREAMS: JSON.stringify({ identity, clickhouse, services }),
      GATEWAY_FILES: join(this.#options.root, 'dashboards', 'dist', 'viewer'),
      ...(this.#tls ? { GATEWAY_TLS_CERT: this.#tls.cert, GATEWAY_TLS_KEY: this.#tls.key } : {}),
      ...this.#everywhere(),
    };
  }

  forDemonstration(): Environment {
    return {
      ...this.#asClient(),
      TOKEN_URL: `${this.at('identity')}/auth/token`,
      IMPORT_CLIENT_ID: 'fenxiao-import',
      IMPORT_CLIENT_SECRET: this.#data.secrets.identity.clients['fenxiao-import'].secret,
      IDENTITY_DEMO_ACCOUNTS: this.demonstrationAccounts,
      ...this.#everywhere(),
    };
  }

  /** For those who call the services as people do. */
  #asClient(): Environment {
    return { GATEWAY_URL: this.url, ...(this.#tls ? { NODE_EXTRA_CA_CERTS: this.#tls.cert } : {}) };
  }

  #everywhere(): Environment {
    return {
      CURRENCY: process.env['CURRENCY'] ?? 'CNY',
      TIME_ZONE: process.env['TIME_ZONE'] ?? 'Asia/Shanghai',
      NODE_COMPILE_CACHE: join(this.#data.path, 'cache', 'compile'),
    };
  }

  #databaseUrlOf(service: string): string {
    return this.#databaseUrl(roleOf(service), this.#data.secrets.postgres.roles[service] ?? '', 'fenxiao');
  }

  #databaseUrl(user: string, password: string, database: string): string {
    return `postgres://${user}:${password}@127.0.0.1:${this.ports['postgresql']}/${database}`;
  }
}
