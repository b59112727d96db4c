import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool } from 'pg';
import { z } from 'zod';
import { Secrets } from '../secrets.js';
import { Accounts } from './accounts.js';
import { Administration } from './administration.js';
import { assertMayDemonstrate, hasDemonstrationAccounts, loadDemonstrationAccounts } from './demonstration.js';
import { Exchange, HttpError } from './exchange.js';
import { LoginPages } from './login.js';
import { sweep } from './oidc-records.js';
import { messagePage } from './pages.js';
import { createProvider } from './provider.js';
import { migrate } from './tables.js';

const Environment = z.object({
  PORT: z.coerce.number().int(),
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: z.string(),
  /** Where browsers find the gateway; the issuer is `<PUBLIC_URL>/auth`. */
  PUBLIC_URL: z.url().transform((url) => url.replace(/\/+$/, '')),
  /** Section `identity` of secrets.json. */
  IDENTITY_SECRETS: z.string().transform((text) => Secrets.shape.identity.parse(JSON.parse(text))),
  /** JSON file with the demonstration accounts; read at the start if it is there, and when the supervisor says so. */
  IDENTITY_DEMO_ACCOUNTS: z.string().optional(),
  /** `1`: while nobody can log in as administrator, make that account and give the supervisor its one-time link. */
  IDENTITY_FIRST_ADMINISTRATOR: z.string().optional(),
  FENXIAO_EMBEDDED: z.string().optional(),
  /** Address the gateway listens on. */
  GATEWAY_HOST: z.string().optional(),
});

/** What this process tells the one that started it. */
export interface IdentityMessage {
  firstAdministratorLink?: string;
  /** `loaded`, or why not. */
  demonstrationAccounts?: string;
}

const environment = Environment.parse(process.env);
const pool = new Pool({ connectionString: environment.DATABASE_URL, max: 10, options: '-c search_path=identity' });
// An idle connection that breaks is replaced; without a listener it would end the process.
pool.on('error', (error) => console.error('identity: database connection lost:', error.message));
await migrate(pool);

const secrets = environment.IDENTITY_SECRETS;
const accounts = new Accounts(pool);
for (const [client, { account }] of Object.entries(secrets.clients))
  await accounts.ensureSystemAccount(account, client);
const provider = createProvider({ publicUrl: environment.PUBLIC_URL, secrets, pool, accounts });
const login = new LoginPages(accounts, provider, environment.PUBLIC_URL);
const administration = new Administration(accounts, provider, secrets.signingKeys);

const demonstrationFile = environment.IDENTITY_DEMO_ACCOUNTS;
async function demonstrate(): Promise<void> {
  const inFile = demonstrationFile && (await stat(demonstrationFile).catch(() => undefined));
  if (!inFile && !(await hasDemonstrationAccounts(pool))) return;
  assertMayDemonstrate(environment);
  if (inFile) await loadDemonstrationAccounts(pool, demonstrationFile);
}
await demonstrate();

const ours = provider.callback();
const prefix = '/auth';

async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (req.url === '/health/live') {
    res.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"live"}');
    return;
  }
  if (req.url === '/health/ready') {
    await pool.query('select 1');
    res.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}');
    return;
  }
  const path = req.url?.startsWith(`${prefix}/`) ? req.url.slice(prefix.length) : '/';
  const x = new Exchange(req, res, path, secrets.cookieKeys[0] ?? '');
  const [, area, rest = ''] = x.url.pathname.split('/');
  try {
    if (area === 'interaction') return await login.login(x);
    if (area === 'password') return await login.changePassword(x);
    if (area === 'link') return await login.link(x, rest);
    if (area === 'admin') return await administration.page(x);
    if (area === 'accounts') return await administration.api(x);
  } catch (error) {
    const status = error instanceof HttpError ? error.status : 500;
    const message = error instanceof HttpError ? error.message : x.t.error;
    if (status === 500) console.error('identity:', error);
    if (area === 'accounts') return x.json(status, { type: 'about:blank', title: message, status });
    return x.html(status, messagePage(x.t, x.t.error, message));
  }
  // oidc-provider finds out what it is mounted under as in Express: from the difference of these two.
  Object.assign(req, { originalUrl: req.url, url: path });
  await ours(req, res);
}

const server = createServer((req, res) => {
  handle(req, res).catch((error: unknown) => {
    console.error('identity:', error);
    if (!res.headersSent) res.writeHead(503);
    res.end();
  });
});
await new Promise<void>((done, fail) => server.once('error', fail).listen(environment.PORT, environment.HOST, done));

const tell = (message: IdentityMessage) => process.send?.(message);
const tellLink = (link: string) => {
  // Without a supervisor, as in a container, the log is where its operator looks.
  if (!tell({ firstAdministratorLink: link }))
    console.log(`identity: choose the administrator's password here: ${link}`);
};
if (environment.IDENTITY_FIRST_ADMINISTRATOR === '1' && !(await accounts.hasAdministrator())) {
  const first = {
    id: secrets.administratorAccount,
    login: 'administrator',
    name: 'Administrator',
    administrator: true,
  };
  const account = (await accounts.findByLogin(first.login)) ?? (await accounts.create(first));
  if (account.administrator) tellLink((await administration.newLink(account.id)).link);
}
process.on('message', (message) => {
  if (message !== 'load-demonstration-accounts') return;
  demonstrate().then(
    () => tell({ demonstrationAccounts: 'loaded' }),
    (error: unknown) => tell({ demonstrationAccounts: String(error) }),
  );
});
// The message listener alone must not keep the process alive when the channel closes.
process.channel?.unref();

const sweeping = setInterval(
  () => void sweep(pool).catch((error: unknown) => console.error('identity: sweep', error)),
  600_000,
);
console.log(`identity: ready, issuer ${provider.issuer}`);

const stop = () => {
  clearInterval(sweeping);
  server.close(() => void pool.end().then(() => process.exit(0)));
  setInterval(() => server.closeIdleConnections(), 50);
  setTimeout(() => server.closeAllConnections(), 5_000);
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
