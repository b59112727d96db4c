import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '@fenxiao/domain/id';
import { system } from '@fenxiao/service-kit/actor';
import { CONFIG, LOGGER } from '@fenxiao/service-kit/service';
import { Transactions, type Work } from '@fenxiao/service-kit/work';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { ImapFlow } from 'imapflow';
import { simpleParser } from 'mailparser';
import type { Logger } from 'pino';
import type { ConsoleConfig } from '../config.js';

const everyMs = 30_000;
const mostAttachments = 50;
const longestBody = 100_000;

/**
 * P-31 半月书面报告, C-01 客户投诉: reads one mailbox and keeps what is new there, until somebody says what it belongs to.
 * A message is marked as seen only once it is kept, so a process that dies reads it again, and finds that it has it.
 */
@Injectable()
export class Mailbox implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;

  constructor(
    @Inject(Transactions) private readonly transactions: Transactions,
    @Inject(CONFIG) private readonly config: ConsoleConfig,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.config.IMAP_URL) return;
    const { signal } = this.#closing;
    const loop = async () => {
      while (!signal.aborted) {
        await this.read().catch((error: unknown) => this.log.warn({ err: error }, 'the mailbox could not be read'));
        await delay(everyMs, undefined, { signal }).catch(() => {});
      }
    };
    this.#running ??= loop();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  /** Keeps every message not seen yet. @throws when the mailbox is away */
  async read(): Promise<void> {
    const url = new URL(this.config.IMAP_URL!);
    const client = new ImapFlow({
      host: url.hostname,
      port: Number(url.port) || (url.protocol === 'imaps:' ? 993 : 143),
      secure: url.protocol === 'imaps:',
      auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
      logger: false,
    });
    // Of a connection that breaks while nothing waits for it; what does wait is rejected as well.
    client.on('error', (error) => this.log.warn({ err: error }, 'the mailbox went away'));
    await client.connect();
    try {
      const box = await client.getMailboxLock(decodeURIComponent(url.pathname.slice(1)) || 'INBOX');
      try {
        for (const uid of (await client.search({ seen: false }, { uid: true })) || []) {
          if (this.#closing.signal.aborted) return;
          await this.#take(client, String(uid)).catch((error: unknown) =>
            this.log.error({ err: error, uid }, 'a message could not be kept, will be tried again'),
          );
        }
      } finally {
        box.release();
      }
    } finally {
      await client.logout().catch(() => client.close());
    }
  }

  async #take(client: ImapFlow, uid: string): Promise<void> {
    const one = { uid: true } as const;
    const head = await client.fetchOne(uid, { size: true, headers: true }, one);
    if (!head) return;
    const tooLarge = (head.size ?? 0) > this.config.INBOUND_MAX_BYTES;
    const whole = tooLarge ? undefined : await client.fetchOne(uid, { source: true }, one);
    const bytes = (whole && whole.source) || head.headers;
    if (!bytes) return;
    await this.transactions.run(system, (work) => keep(work, bytes, tooLarge));
    await client.messageFlagsAdd(uid, ['\\Seen'], one);
  }
}

/** PostgreSQL keeps neither U+0000 nor half a surrogate pair. */
const keepable = (text: string) => text.replaceAll('\0', '').toWellFormed();
const line = (text: string | undefined, or: string) =>
  keepable(text ?? '')
    .trim()
    .slice(0, 200) || or;

/** Keeps a message with its attachments, unless it is there: the same Message-ID, or where it has none the same bytes. */
async function keep(work: Work, bytes: Buffer, tooLarge: boolean): Promise<void> {
  const mail = await simpleParser(bytes);
  const sender = line(mail.from?.value[0]?.address, 'unknown');
  const digest = createHash('sha256').update(bytes).digest('hex');
  const body = mail.text ?? '';
  const [made] = await work.query<{ id: string }>(
    `INSERT INTO inbound_mail (id, message_id, sender, person, title, body, sent_at, received_at, too_large)
     VALUES ($1, $2, $3, (SELECT (array_agg(person))[1] FROM notice_preference WHERE lower(email) = lower($3) HAVING count(*) = 1),
       $4, $5, $6, $7, $8) ON CONFLICT (message_id) DO NOTHING RETURNING id`,
    [
      newId(),
      mail.messageId ? keepable(mail.messageId).slice(0, 500) : `sha256:${digest}`,
      sender,
      line(mail.subject, '—'),
      keepable(body).slice(0, longestBody),
      mail.date ?? null,
      work.now,
      tooLarge,
    ],
  );
  if (!made) return;
  for (const [n, { filename, contentType, content }] of mail.attachments.slice(0, mostAttachments).entries())
    await work.query('INSERT INTO inbound_attachment (mail, n, name, type, content) VALUES ($1, $2, $3, $4, $5)', [
      made.id,
      n + 1,
      line(filename, `attachment-${n + 1}`),
      line(contentType, 'application/octet-stream'),
      content,
    ]);
}
