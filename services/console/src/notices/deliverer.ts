import { setTimeout as delay } from 'node:timers/promises';
import { system } from '@fenxiao/service-kit/actor';
import { CONFIG, LOGGER } from '@fenxiao/service-kit/service';
import { Transactions, type Work } from '@fenxiao/service-kit/work';
import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { placeOf, type ConsoleConfig } from '../config.js';
import { view } from './inbox.js';
import { mailChannel, type SendMail } from './mail.js';
import { preferencesOf, sendAt, type Channel, type Preference } from './preferences.js';
import { tell, type NoticeRequest } from './receiving.js';
import { post } from './webhook.js';
import { inWords, type NoticeRow } from './words.js';

interface Waiting extends NoticeRow {
  readonly delivery: string;
  readonly channel: Channel;
  readonly attempts: number;
}

const everyMs = 1000;
/** After the last attempt it stays undelivered; the inbox has it in any case. */
export const MOST_ATTEMPTS = 8;
const first = 60_000;
const longest = 6 * 3_600_000;
/** a minute, two, four … six hours at most */
const backoff = (attempts: number) => Math.min(longest, first * 2 ** (attempts - 1));

/**
 * Sends what waits for its time. Any number of processes may run one: a person's row is locked while something is
 * sent, so each delivery is one process's at a time, and mails that are due together are one mail. A process that
 * dies between sending and writing it down sends again, under the same id.
 */
@Injectable()
export class Deliverer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #closing = new AbortController();
  readonly #mail: SendMail | undefined;
  #running: Promise<void> | undefined;

  constructor(
    @Inject(Transactions) private readonly transactions: Transactions,
    @Inject(CONFIG) private readonly config: ConsoleConfig,
    @Inject(LOGGER) private readonly log: Logger,
  ) {
    this.#mail = mailChannel(config);
  }

  onApplicationBootstrap(): void {
    const { signal } = this.#closing;
    const loop = async () => {
      while (!signal.aborted) {
        await this.tick().catch((error: unknown) =>
          this.log.error({ err: error }, 'notices wait, will be tried again'),
        );
        await delay(everyMs, undefined, { signal }).catch(() => {});
      }
    };
    this.#running ??= loop();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  /** Tells again what nobody could be told, and sends everything that is due. */
  async tick(): Promise<void> {
    await this.transactions.run(system, tellAgain);
    while (!this.#closing.signal.aborted && (await this.transactions.run(system, (work) => this.#next(work))));
  }

  /** One message to one person. @returns whether there may be more */
  async #next(work: Work): Promise<boolean> {
    const [due] = await work.query<{ person: string }>(duePerson, [work.now]);
    if (!due) return false;
    const all = await work.query<Waiting>(waitingFor, [due.person, work.now]);
    const [oldest] = all;
    if (!oldest) return true;
    const preference = (await preferencesOf(work, [due.person])).get(due.person)!;
    const together = oldest.channel === 'email' ? all.filter(({ channel }) => channel === 'email') : [oldest];
    const error = await this.#send(together, preference, work.now).then(
      () => undefined,
      (reason: unknown) => (reason instanceof Error ? reason.message : String(reason)).slice(0, 1000),
    );
    const ids = together.map(({ delivery }) => delivery);
    if (error === undefined) await work.query(delivered, [ids, work.now]);
    else {
      this.log.warn({ deliveries: ids, channel: oldest.channel, why: error }, 'notice not delivered');
      await work.query(notDelivered, [ids, together.map((one) => again(one, preference, work)), error]);
    }
    return true;
  }

  /** @throws when it was not accepted, or the person can't be reached this way any more */
  async #send(notices: readonly Waiting[], preference: Preference, now: Date): Promise<void> {
    const { email, webhookUrl, webhookSecret, language } = preference;
    const [{ channel, delivery: id }] = notices as [Waiting];
    const place = placeOf(this.config);
    if (channel === 'email') {
      if (!this.#mail) throw new Error('no mail server is configured');
      if (!email) throw new Error('no e-mail address is set');
      return this.#mail({
        to: email,
        id,
        language,
        notices: notices.map((notice) => inWords(notice, language, place)),
      });
    }
    if (!webhookUrl || !webhookSecret) throw new Error('no webhook is set');
    const body = { type: 'notice', timestamp: now.toISOString(), data: view(notices[0]!, language, place) };
    return post({ url: webhookUrl, secret: webhookSecret, id, at: now, body }, this.config.WEBHOOK_ALLOW_PRIVATE);
  }
}

/** When a delivery is tried again; null when it has been tried often enough. Quiet hours hold for it, too. */
function again({ attempts, channel, kind }: Waiting, preference: Preference, { now, calendar }: Work): Date | null {
  if (attempts + 1 >= MOST_ATTEMPTS) return null;
  const at = new Date(now.getTime() + backoff(attempts + 1));
  return sendAt({ kind, channel }, { ...preference, digestAt: null }, at, calendar);
}

/** What came while nobody was known who could be told. */
async function tellAgain(work: Work): Promise<void> {
  const kept = await work.query<{ event: string; body: NoticeRequest }>(
    'SELECT event, body FROM notice_unreceived ORDER BY event LIMIT 100 FOR UPDATE SKIP LOCKED',
  );
  for (const { event, body } of kept)
    if (await tell(work, body)) await work.query('DELETE FROM notice_unreceived WHERE event = $1', [event]);
}

const duePerson = `
SELECT p.person FROM notice_preference p
WHERE EXISTS (SELECT FROM delivery d WHERE d.person = p.person AND d.state = 'waiting' AND d.next_at <= $1)
ORDER BY p.person LIMIT 1 FOR UPDATE SKIP LOCKED`;
const waitingFor = `
SELECT n.*, d.id AS delivery, d.channel, d.attempts FROM delivery d JOIN notice n ON n.id = d.notice
WHERE d.person = $1 AND d.state = 'waiting' AND d.next_at <= $2 ORDER BY d.next_at, d.id LIMIT 200 FOR UPDATE OF d`;
const delivered = `
UPDATE delivery SET state = 'delivered', attempts = attempts + 1, next_at = NULL, last_error = NULL, delivered_at = $2
WHERE id = ANY($1)`;
const notDelivered = `
UPDATE delivery d SET attempts = attempts + 1, last_error = $3, next_at = t.next_at,
  state = CASE WHEN t.next_at IS NULL THEN 'failed' ELSE 'waiting' END
FROM unnest($1::uuid[], $2::timestamptz[]) t(id, next_at) WHERE d.id = t.id`;
