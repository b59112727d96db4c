import { createLocalJWKSet, jwtVerify } from 'jose';
import type { Provider } from 'oidc-provider';
import { z } from 'zod';
import type { Secrets } from '../secrets.js';
import { LoginTaken, type Account, type Accounts } from './accounts.js';
import { HttpError, type Exchange } from './exchange.js';
import { accountsPage, messagePage, type AccountsView } from './pages.js';
import { audience } from './tokens.js';

const pageSize = 200;

const NewAccount = z.object({
  login: z
    .string()
    .trim()
    .normalize('NFKC')
    .regex(/^[\p{L}\p{N}._-]{2,64}$/u),
  name: z.string().trim().min(1).max(200),
  administrator: z.boolean().optional(),
});
type NewAccount = z.infer<typeof NewAccount>;

const actions = ['disable', 'enable', 'reset', 'require-password-change'] as const;
type Action = (typeof actions)[number];

/** What administrators do with accounts, as a JSON API (`/accounts`, by access token) and as a page (`/admin`, by login). */
export class Administration {
  readonly #accounts: Accounts;
  readonly #provider: Provider;
  readonly #keys: ReturnType<typeof createLocalJWKSet>;

  constructor(accounts: Accounts, provider: Provider, signingKeys: Secrets['identity']['signingKeys']) {
    this.#accounts = accounts;
    this.#provider = provider;
    this.#keys = createLocalJWKSet({
      keys: signingKeys.map(({ kty, n, e, kid, alg }) => ({ kty, n, e, kid, alg })) as never,
    });
  }

  /**
   * `GET /accounts?after=<login>&limit=`, `POST /accounts {login, name, administrator?}`, `GET /accounts/{id}` and
   * `POST /accounts/{id}/{disable|enable|reset|require-password-change}`. Creating and resetting answer with a one-time
   * link, valid 24 hours. Answers problem+json: 401 without a good token, 403 to those who are not administrators.
   */
  async api(x: Exchange): Promise<void> {
    const administrator = await this.#callerOf(x);
    const [, , id, action] = x.url.pathname.split('/');
    const route = `${x.req.method} ${[id && '{id}', action].filter(Boolean).join('/')}`;
    if (route === 'GET ') {
      const limit = Number(x.url.searchParams.get('limit') ?? pageSize);
      const accounts = await this.#accounts.list(
        x.url.searchParams.get('after') ?? '',
        Math.min(Math.max(limit || 1, 1), 1000),
      );
      return x.json(200, { accounts });
    }
    if (route === 'POST ') {
      const parsed = NewAccount.safeParse(await x.readJson());
      if (!parsed.success) throw new HttpError(400, z.prettifyError(parsed.error));
      const { account, link } = await this.#create(x, administrator, parsed.data);
      return x.json(201, { account, ...link });
    }
    const account = await this.#accounts.find(id ?? '');
    if (!account) throw new HttpError(404, 'There is no such account.');
    if (route === 'GET {id}') return x.json(200, { account });
    const known = actions.find((name) => route === `POST {id}/${name}`);
    if (!known) throw new HttpError(404, 'There is no such operation.');
    const link = await this.#act(x, administrator, account, known);
    return x.json(200, { account: await this.#accounts.find(account.id), ...link });
  }

  async page(x: Exchange): Promise<void> {
    const session = await this.#provider.Session.get(this.#provider.createContext(x.req, x.res));
    const viewer = session.accountId ? await this.#accounts.find(session.accountId) : undefined;
    if (viewer?.state !== 'active') return x.redirect(this.#loginAddress());
    if (!viewer.administrator) return x.html(403, messagePage(x.t, x.t.accounts, x.t.notAllowed));

    const after = x.url.searchParams.get('after') ?? '';
    const show = async (status: number, more: Partial<AccountsView> = {}) => {
      const accounts = await this.#accounts.list(after, pageSize);
      const last = accounts.length === pageSize ? accounts.at(-1)?.login : undefined;
      const next = last && `?after=${encodeURIComponent(last)}`;
      x.html(status, accountsPage(x.t, { csrf: x.csrf(), accounts, viewer, more: next, ...more }));
    };
    if (x.req.method !== 'POST') return show(200);
    const form = await x.readForm();
    if (form['action'] === 'create') {
      const parsed = NewAccount.safeParse({ ...form, administrator: form['administrator'] === 'on' });
      if (!parsed.success) return show(400, { error: x.t.loginRule });
      try {
        const { account, link } = await this.#create(x, viewer, parsed.data);
        return await show(200, { made: { login: account.login, ...link } });
      } catch (error) {
        if (error instanceof HttpError) return show(error.status, { error: x.t.loginTaken });
        throw error;
      }
    }
    const account = await this.#accounts.find(form['id'] ?? '');
    const action = actions.find((name) => name === form['action']);
    if (!account || !action) return show(400);
    if (account.id === viewer.id) return show(409, { error: x.t.ownAccount });
    const link = await this.#act(x, viewer, account, action);
    return show(200, { made: link && { login: account.login, ...link } });
  }

  async #create(x: Exchange, by: Account, data: NewAccount) {
    const { administrator = false, ...rest } = data;
    const account = await this.#accounts.create({ ...rest, administrator }).catch((error: unknown) => {
      throw error instanceof LoginTaken ? new HttpError(409, 'The login name is taken.') : error;
    });
    log(x, by, 'account-created', account);
    return { account, link: await this.newLink(account.id) };
  }

  async #act(x: Exchange, by: Account, account: Account, action: Action): Promise<{ link: string } | undefined> {
    // Otherwise the last administrator could lock everybody out.
    if (account.id === by.id) throw new HttpError(409, 'This is your own account.');
    if (account.kind === 'system') throw new HttpError(409, 'This account belongs to the system.');
    log(x, by, `account-${action}`, account);
    if (action === 'reset') return this.newLink(account.id);
    if (action === 'disable') await this.#accounts.disable(account.id);
    if (action === 'enable') await this.#accounts.enable(account.id);
    if (action === 'require-password-change') await this.#accounts.requirePasswordChange(account.id);
    return undefined;
  }

  /** Takes the password of the account away and makes the link with which its person chooses a new one. */
  async newLink(id: string): Promise<{ link: string; expiresAt: Date }> {
    const { secret, expiresAt } = await this.#accounts.reset(id);
    return { link: `${this.#provider.issuer}/link/${secret}`, expiresAt };
  }

  async #callerOf(x: Exchange): Promise<Account> {
    const token = /^Bearer (\S+)$/i.exec(x.req.headers.authorization ?? '')?.[1];
    const verified =
      token &&
      (await jwtVerify(token, this.#keys, { issuer: this.#provider.issuer, audience, typ: 'at+jwt' }).catch(
        () => undefined,
      ));
    if (!verified) throw new HttpError(401, 'A valid access token is needed.');
    const account = await this.#accounts.find(verified.payload.sub ?? '');
    if (account?.state !== 'active' || !account.administrator)
      throw new HttpError(403, 'Only administrators may do this.');
    return account;
  }

  /** Asks for a login and comes back to the page; no token is made. */
  #loginAddress(): string {
    const { issuer } = this.#provider;
    const query = {
      client_id: 'fenxiao-accounts',
      response_type: 'none',
      scope: 'openid',
      redirect_uri: `${issuer}/admin`,
    };
    return `${issuer}/authorize?${new URLSearchParams(query).toString()}`;
  }
}

function log(x: Exchange, by: Account, event: string, account: Account): void {
  const { id: who, login } = account;
  console.log(JSON.stringify({ at: new Date().toISOString(), event, who, login, by: by.id, address: x.address }));
}
