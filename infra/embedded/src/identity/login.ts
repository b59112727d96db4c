import type { Provider } from 'oidc-provider';
import type { Account, Accounts } from './accounts.js';
import type { Exchange } from './exchange.js';
import { loginPage, messagePage, passwordPage, type FormState } from './pages.js';
import { weakness } from './password.js';
import type { Texts } from './texts.js';
import { Throttle } from './throttle.js';

const proofSeconds = 10 * 60;

interface Refusal {
  status: number;
  error: string;
  headers: Record<string, string>;
}

/** The pages with which a person proves who he is: login, change of the password, and the one-time link. */
export class LoginPages {
  readonly #accounts: Accounts;
  readonly #provider: Provider;
  readonly #publicUrl: string;
  readonly #perAccount = new Throttle({ failures: 10, seconds: 15 * 60 });
  /** Many people can share the address of an office. */
  readonly #perAddress = new Throttle({ failures: 100, seconds: 15 * 60 });

  constructor(accounts: Accounts, provider: Provider, publicUrl: string) {
    this.#accounts = accounts;
    this.#provider = provider;
    this.#publicUrl = publicUrl;
  }

  /** Page and form of `/interaction/<uid>`, where oidc-provider sends a browser that has to log in. */
  async login(x: Exchange): Promise<void> {
    const interaction = await this.#provider.interactionDetails(x.req, x.res).catch(() => undefined);
    if (!interaction || !x.url.pathname.endsWith(`/${interaction.uid}`)) {
      return x.html(400, messagePage(x.t, x.t.signIn, x.t.expired, `${this.#publicUrl}/`));
    }
    if (x.req.method !== 'POST') {
      const hint = interaction.params['login_hint'];
      return x.html(200, loginPage(x.t, { csrf: x.csrf(), login: typeof hint === 'string' ? hint : '' }));
    }
    const form = await x.readForm();
    if (form['proof'] !== undefined) return this.#changeThenGoOn(x, interaction.uid, form);

    const { login = '', password = '' } = form;
    const answer = await this.#authenticate(x, login, password);
    if ('error' in answer)
      return x.html(answer.status, loginPage(x.t, { csrf: x.csrf(), login, error: answer.error }), answer.headers);
    if (answer.account.mustChangePassword) {
      const proof = this.#proof(x, interaction.uid, answer.account.id);
      return x.html(200, passwordPage(x.t, x.t.choosePassword, { csrf: x.csrf(), note: x.t.mustChange, proof }));
    }
    return this.#goOn(x, answer.account);
  }

  /** Page `/password`: whoever knows the old password sets a new one. */
  async changePassword(x: Exchange): Promise<void> {
    const title = x.t.changePassword;
    if (x.req.method !== 'POST') {
      const login = x.url.searchParams.get('login') ?? '';
      return x.html(200, passwordPage(x.t, title, { csrf: x.csrf(), login, asksWho: true }));
    }
    const form = await x.readForm();
    const { login = '', password = '' } = form;
    const again = (error: string, status = 400, headers = {}) =>
      x.html(status, passwordPage(x.t, title, { csrf: x.csrf(), login, asksWho: true, error }), headers);
    const unfit = unfitness(x.t, form, login);
    if (unfit) return again(unfit);
    const answer = await this.#authenticate(x, login, password);
    if ('error' in answer) return again(answer.error, answer.status, answer.headers);
    await this.#accounts.setPassword(answer.account.id, form['newPassword'] ?? '');
    log('password-changed', answer.account.id, x);
    return x.html(200, messagePage(x.t, title, x.t.saved, `${this.#publicUrl}/`));
  }

  /** Page `/link/<secret>`: whoever has the link sets the password, once. Looking at it does not use it up. */
  async link(x: Exchange, secret: string): Promise<void> {
    const account = await this.#accounts.findByLink(secret);
    const gone = () => x.html(410, messagePage(x.t, x.t.choosePassword, x.t.linkGone));
    if (!account) return gone();
    const show = (form: FormState) => passwordPage(x.t, x.t.chooseFor(account.login), form);
    if (x.req.method !== 'POST') return x.html(200, show({ csrf: x.csrf() }));
    const form = await x.readForm();
    const error = unfitness(x.t, form, account.login);
    if (error) return x.html(400, show({ csrf: x.csrf(), error }));
    if (!(await this.#accounts.useLink(secret, form['newPassword'] ?? ''))) return gone();
    log('password-chosen', account.id, x);
    return x.html(200, messagePage(x.t, x.t.choosePassword, x.t.saved, `${this.#publicUrl}/`));
  }

  async #authenticate(x: Exchange, login: string, password: string): Promise<{ account: Account } | Refusal> {
    const account = login.trim().toLowerCase().slice(0, 64);
    const wait = this.#perAddress.attempt(x.address) || this.#perAccount.attempt(account);
    if (wait > 0) {
      log('login-throttled', account, x);
      return { status: 429, error: x.t.wait(Math.ceil(wait / 60)), headers: { 'retry-after': String(wait) } };
    }
    const found = await this.#accounts.authenticate(login, password);
    if (!found) {
      log('login-failed', account, x);
      return { status: 401, error: x.t.wrong, headers: {} };
    }
    this.#perAddress.forgive(x.address);
    this.#perAccount.forget(account);
    return { account: found };
  }

  /** Second half of a login with a password that has to be changed first. */
  async #changeThenGoOn(x: Exchange, uid: string, form: Record<string, string>): Promise<void> {
    const [id = '', until = ''] = (form['proof'] ?? '').split('.');
    const account = await this.#accounts.find(id);
    const holds = form['proof'] === this.#proof(x, uid, id, Number(until)) && Number(until) > Date.now();
    if (!holds || account?.state !== 'active' || !account.mustChangePassword) {
      return x.html(400, loginPage(x.t, { csrf: x.csrf(), login: account?.login ?? '', error: x.t.expired }));
    }
    const error = unfitness(x.t, form, account.login);
    if (error) {
      const state = { csrf: x.csrf(), note: x.t.mustChange, proof: form['proof'] ?? '', error };
      return x.html(400, passwordPage(x.t, x.t.choosePassword, state));
    }
    await this.#accounts.setPassword(id, form['newPassword'] ?? '');
    log('password-changed', id, x);
    return this.#goOn(x, account);
  }

  /** Says who has given the right password in this very login. */
  #proof(x: Exchange, uid: string, id: string, until = Date.now() + proofSeconds * 1000): string {
    return `${id}.${until}.${x.sign(`change ${uid} ${id} ${until}`)}`;
  }

  async #goOn(x: Exchange, account: Account): Promise<void> {
    log('login', account.id, x);
    await this.#provider.interactionFinished(x.req, x.res, { login: { accountId: account.id } });
  }
}

function unfitness(t: Texts, form: Record<string, string>, login: string): string | undefined {
  const { newPassword = '', repeated = '' } = form;
  if (newPassword !== repeated) return t.differ;
  const reason = weakness(newPassword, login);
  return reason && { short: t.short, long: t.long, login: t.same }[reason];
}

function log(event: string, who: string, x: Exchange): void {
  console.log(JSON.stringify({ at: new Date().toISOString(), event, who, address: x.address }));
}
