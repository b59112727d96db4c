import { createHash, randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { hashPassword, isPassword } from './password.js';

/** One who can log in. What the account's person may do is no matter of identity: other services know the positions. */
export interface Account {
  /** UUIDv7; the `sub` of tokens. */
  id: string;
  login: string;
  name: string;
  kind: 'person' | 'system';
  /** May make, disable and reset accounts. */
  administrator: boolean;
  demonstration: boolean;
  mustChangePassword: boolean;
  hasPassword: boolean;
  state: 'active' | 'disabled';
  createdAt: Date;
  disabledAt: Date | null;
}

/** The secret is in the address the person gets, only its hash is kept. */
export interface PasswordLink {
  secret: string;
  expiresAt: Date;
}

export class LoginTaken extends Error {}

const columns = `id, login, name, kind, administrator, demonstration, must_change_password as "mustChangePassword",
  password is not null as "hasPassword", state, created_at as "createdAt", disabled_at as "disabledAt"`;
const linkHours = 24;
const sha256 = (text: string) => createHash('sha256').update(text).digest();

/** The accounts in schema `identity`. */
export class Accounts {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  find(id: string): Promise<Account | undefined> {
    return /^[0-9a-f-]{36}$/i.test(id) ? this.#one('where id = $1', [id]) : Promise.resolve(undefined);
  }

  findByLogin(login: string): Promise<Account | undefined> {
    return this.#one('where lower(login) = lower($1)', [login.trim()]);
  }

  /** In the order of their login names, at most `limit`, beginning behind the login name `after`. */
  async list(after = '', limit = 200): Promise<Account[]> {
    const { rows } = await this.#pool.query<Account>(
      `select ${columns} from account where lower(login) > lower($1) order by lower(login) limit $2`,
      [after, limit],
    );
    return rows;
  }

  /** @throws LoginTaken */
  async create(account: { id?: string; login: string; name: string; administrator?: boolean }): Promise<Account> {
    const { rows } = await this.#pool.query<Account>(
      `insert into account (id, login, name, administrator) values (coalesce($1, uuidv7()), $2, $3, $4)
       on conflict (lower(login)) do nothing returning ${columns}`,
      [account.id ?? null, account.login, account.name, account.administrator ?? false],
    );
    if (!rows[0]) throw new LoginTaken();
    return rows[0];
  }

  /** The account for a client that acts for itself; made when missing. */
  async ensureSystemAccount(id: string, login: string): Promise<void> {
    await this.#pool.query(
      `insert into account (id, login, name, kind) values ($1, $2, $2, 'system') on conflict (id) do nothing`,
      [id, login],
    );
  }

  /** @returns the account when login and password are right and it is active, else undefined and no reason. */
  async authenticate(login: string, password: string): Promise<Account | undefined> {
    const account = await this.findByLogin(login);
    const { rows } = await this.#pool.query<{ password: string | null }>('select password from account where id = $1', [
      account?.id,
    ]);
    const right = await isPassword(password, rows[0]?.password);
    return right && account?.state === 'active' ? account : undefined;
  }

  /** Sets the password and ends every session, token and link of the account. */
  async setPassword(id: string, password: string): Promise<void> {
    const hash = await hashPassword(password);
    await this.#pool.query(
      `update account set password = $2, must_change_password = false, demonstration = false where id = $1`,
      [id, hash],
    );
    await this.#endEverything(id);
  }

  async disable(id: string): Promise<void> {
    await this.#pool.query(
      `update account set state = 'disabled', disabled_at = now() where id = $1 and state = 'active'`,
      [id],
    );
    await this.#endEverything(id);
  }

  async enable(id: string): Promise<void> {
    await this.#pool.query(`update account set state = 'active', disabled_at = null where id = $1`, [id]);
  }

  async requirePasswordChange(id: string): Promise<void> {
    await this.#pool.query('update account set must_change_password = true where id = $1', [id]);
  }

  /** Takes the password away, ends every session, and makes the link with which the person chooses a new one. */
  async reset(id: string): Promise<PasswordLink> {
    await this.#pool.query('update account set password = null, demonstration = false where id = $1', [id]);
    await this.#endEverything(id);
    const secret = randomBytes(32).toString('base64url');
    const { rows } = await this.#pool.query<{ expiresAt: Date }>(
      `insert into password_link (token_sha256, account_id, expires_at)
       values ($1, $2, now() + make_interval(hours => $3)) returning expires_at as "expiresAt"`,
      [sha256(secret), id, linkHours],
    );
    return { secret, expiresAt: rows[0]?.expiresAt ?? new Date() };
  }

  /** The account whose password the link may set, as long as the link holds. */
  findByLink(secret: string): Promise<Account | undefined> {
    return this.#one(
      `where state = 'active'
         and id = (select account_id from password_link where token_sha256 = $1 and expires_at > now())`,
      [sha256(secret)],
    );
  }

  /** Uses the link up and sets the password. @returns the account, or undefined when the link no longer holds. */
  async useLink(secret: string, password: string): Promise<Account | undefined> {
    const account = await this.findByLink(secret);
    const { rowCount } = await this.#pool.query('delete from password_link where token_sha256 = $1', [sha256(secret)]);
    if (!account || rowCount !== 1) return undefined;
    await this.setPassword(account.id, password);
    return account;
  }

  /** Whether anybody could log in and make accounts. */
  async hasAdministrator(): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      `select from account where administrator and state = 'active' and password is not null limit 1`,
    );
    return rowCount === 1;
  }

  async #one(where: string, values: unknown[]): Promise<Account | undefined> {
    const { rows } = await this.#pool.query<Account>(`select ${columns} from account ${where}`, values);
    return rows[0];
  }

  async #endEverything(id: string): Promise<void> {
    await this.#pool.query('delete from oidc_record where account_id = $1', [id]);
    await this.#pool.query('delete from password_link where account_id = $1', [id]);
  }
}
