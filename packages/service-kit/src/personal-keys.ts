import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { domainError } from '@fenxiao/domain/domain-error';
import type { Sql } from '@fenxiao/messaging/sql';
import { classesOf } from '@fenxiao/procedures/classes';
import type { Procedure } from '@fenxiao/procedures/procedure';
import { Counter } from 'prom-client';
import { erasedText, replaced } from './masking.js';

/**
 * X-20 Confidentiality 客户隐私: fields that tell of a person are kept sealed (AES-256-GCM) under a key of the subject they
 * are kept of, and that key under the installation's own. Destroying the key erases the person from every table and copy,
 * while sums, chains and documents stay whole. Decision 0009.
 */

interface Master {
  /** 32 bytes, base64 */
  readonly PERSONAL_DATA_KEY: string;
  /** what it was before, while keys wrapped by it are wrapped anew */
  readonly PERSONAL_DATA_KEY_PREVIOUS?: string | undefined;
}

/** `sealed:`, the subject whose key it is, then nonce, tag and text in base64url. */
const token = /^sealed:([\da-f-]{36}):([\w-]+)$/;
/** What can't be opened although its key is there: it was moved here from elsewhere, or damaged. */
const unreadable = '〔无法读取 unreadable〕';
const NONCE = 12;
const TAG = 16;
const BATCH = 1000;

export class PersonalKeys {
  readonly #master: Buffer;
  readonly #previous: Buffer | undefined;

  constructor({ PERSONAL_DATA_KEY: master, PERSONAL_DATA_KEY_PREVIOUS: previous }: Master) {
    this.#master = Buffer.from(master, 'base64');
    this.#previous = previous === undefined ? undefined : Buffer.from(previous, 'base64');
  }

  /** A form as it is kept of a subject. @throws erased when the subject's key is destroyed */
  async sealed<F>(sql: Sql, procedure: Procedure, subject: string, form: F, now: Date): Promise<F> {
    const { personal } = classesOf(procedure);
    if (personal.size === 0) return form;
    let some = false;
    replaced(form, personal, () => ((some = true), ''));
    if (!some) return form;
    const key = await this.#keyOf(sql, subject, now);
    return replaced(form, personal, (_, text, field) => seal(key, subject, field, text));
  }

  /** The same views with what is sealed in them opened: one query for all, none where nothing is. */
  async opened<V>(sql: Sql, procedure: Procedure, views: readonly V[]): Promise<readonly V[]> {
    const { personal } = classesOf(procedure);
    if (personal.size === 0) return views;
    const subjects = new Set<string>();
    for (const view of views) replaced(view, personal, (_, text) => (subjects.add(token.exec(text)?.[1] ?? ''), text));
    subjects.delete('');
    if (subjects.size === 0) return views;
    const keys = await this.#keysOf(sql, [...subjects]);
    return views.map((view) => replaced(view, personal, (_, text, field) => open(keys, field, text)));
  }

  /** A whole text under a subject's key: an answer that is kept. @throws erased */
  async sealedText(sql: Sql, subject: string, purpose: string, text: string, now: Date): Promise<string> {
    return seal(await this.#keyOf(sql, subject, now), subject, purpose, text);
  }

  /** The text, or as it is where it is none that was sealed. @throws erased */
  async openedText(sql: Sql, purpose: string, text: string): Promise<string> {
    const subject = token.exec(text)?.[1];
    if (subject === undefined) return text;
    const found = open(await this.#keysOf(sql, [subject]), purpose, text);
    if (found === erasedText) throw erased();
    return found;
  }

  /** Destroys a subject's key, and that another is ever made. */
  async destroy(sql: Sql, subject: string, now: Date): Promise<void> {
    await sql.query(
      `INSERT INTO personal_key (subject, wrapped, created_at, destroyed_at) VALUES ($1, NULL, $2, $2)
       ON CONFLICT (subject) DO UPDATE SET wrapped = NULL, destroyed_at = coalesce(personal_key.destroyed_at, excluded.destroyed_at)`,
      [subject, now],
    );
  }

  /**
   * Before anything is served: wraps by the present key what the previous one has wrapped. Any number may run it.
   * @throws Error when the configured key is not the one that wrapped the keys here
   */
  async begin(sql: Sql): Promise<void> {
    const [any] = await sql.query<{ subject: string; wrapped: Buffer }>(
      'SELECT subject, wrapped FROM personal_key WHERE wrapped IS NOT NULL LIMIT 1',
    );
    if (any) this.#unwrap(any.subject, any.wrapped);
    if (!this.#previous) return;
    for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
      const rows = await sql.query<{ subject: string; wrapped: Buffer }>(
        'SELECT subject, wrapped FROM personal_key WHERE subject > $1 AND wrapped IS NOT NULL ORDER BY subject LIMIT $2',
        [after, BATCH],
      );
      const stale = rows.flatMap(({ subject, wrapped }) => {
        const key = decrypt(this.#master, subject, wrapped) ? undefined : decrypt(this.#previous!, subject, wrapped);
        return key ? [{ subject, wrapped: encrypt(this.#master, subject, key) }] : [];
      });
      await sql.query(
        `UPDATE personal_key k SET wrapped = n.wrapped FROM unnest($1::uuid[], $2::bytea[]) n(subject, wrapped)
         WHERE k.subject = n.subject AND k.wrapped IS NOT NULL`,
        [stale.map(({ subject }) => subject), stale.map(({ wrapped }) => wrapped)],
      );
      if (rows.length < BATCH) return;
      after = rows.at(-1)!.subject;
    }
  }

  /** The key of a subject, made when it is first needed. @throws erased */
  async #keyOf(sql: Sql, subject: string, now: Date): Promise<Buffer> {
    await sql.query(
      'INSERT INTO personal_key (subject, wrapped, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [subject, encrypt(this.#master, subject, randomBytes(32)), now],
    );
    const key = (await this.#keysOf(sql, [subject])).get(subject);
    if (!key) throw erased();
    return key;
  }

  /** By subject; null: destroyed; a subject without a key is left out. */
  async #keysOf(sql: Sql, subjects: readonly string[]): Promise<ReadonlyMap<string, Buffer | null>> {
    const rows = await sql.query<{ subject: string; wrapped: Buffer | null }>(
      'SELECT subject, wrapped FROM personal_key WHERE subject = ANY($1)',
      [subjects],
    );
    return new Map(
      rows.flatMap(({ subject, wrapped }) => [[subject, wrapped && this.#unwrap(subject, wrapped)] as const]),
    );
  }

  /** @throws Error when the configured key is not the one that wrapped it */
  #unwrap(subject: string, wrapped: Buffer): Buffer {
    const key =
      decrypt(this.#master, subject, wrapped) ?? (this.#previous && decrypt(this.#previous, subject, wrapped));
    if (!key) throw new Error('PERSONAL_DATA_KEY is not the key that personal data was sealed by');
    return key;
  }
}

const known = new WeakMap<Master, PersonalKeys>();

/** The keys by what a service is configured with. */
export function personalKeysOf(config: Master): PersonalKeys {
  const keys = known.get(config) ?? new PersonalKeys(config);
  known.set(config, keys);
  return keys;
}

const seal = (key: Buffer, subject: string, field: string, text: string) =>
  `sealed:${subject}:${encrypt(key, `${subject} ${field}`, Buffer.from(text)).toString('base64url')}`;

function open(keys: ReadonlyMap<string, Buffer | null>, field: string, text: string): string {
  const [, subject, sealedText] = token.exec(text) ?? [];
  if (subject === undefined) return text;
  const key = keys.get(subject);
  if (key === null) return erasedText;
  const found = key && decrypt(key, `${subject} ${field}`, Buffer.from(sealedText!, 'base64url'));
  if (found) return found.toString();
  failures.inc();
  return unreadable;
}

/** Bound to where it belongs, so that it opens nowhere else. */
function encrypt(key: Buffer, about: string, plain: Buffer): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(about));
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]);
}

/** @returns undefined for another key, another place, or bytes that were changed */
function decrypt(key: Buffer, about: string, bytes: Buffer): Buffer | undefined {
  if (bytes.length < NONCE + TAG) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE))
    .setAAD(Buffer.from(about))
    .setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]);
  } catch {
    return undefined;
  }
}

const failures = new Counter({
  name: 'personal_data_unreadable_total',
  help: 'Sealed fields that could not be opened although their key is there',
});

export const erased = domainError({
  code: 'confidentiality.erased',
  kind: 'conflict',
  rule: 'X-20',
  en: 'What told of a person here was erased; nothing of the kind is kept of it any more.',
  zh: '此处的个人信息已删除，不再保存同类信息。',
});
