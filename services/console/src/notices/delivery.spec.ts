import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { FactData } from '@fenxiao/contracts/event';
import { noticeEvents } from '@fenxiao/contracts/platform';
import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { consoleService } from '../service.js';
import { MOST_ATTEMPTS } from './deliverer.js';

/** Notices on their way beside the inbox: a real mail server and a real receiver of webhooks, and a clock that is moved. */
const requested = noticeEvents('orders').requested;
const mails: ParsedMail[] = [];
let refuseMail: string | undefined;
const smtp = new SMTPServer({
  disabledCommands: ['STARTTLS', 'AUTH'],
  onRcptTo: (_address, _session, done) => done(refuseMail ? new Error(refuseMail) : undefined),
  onData: (stream, _session, done) => {
    void simpleParser(stream).then((mail) => {
      mails.push(mail);
      done();
    });
  },
});
const posts: { headers: IncomingHttpHeaders; body: string }[] = [];
let answer = 204;
const receiver = createServer((request, reply) => {
  void text(request).then((body) => {
    posts.push({ headers: request.headers, body });
    reply.writeHead(answer).end();
  });
});
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

let h: Harness;
let hook: string;
beforeAll(async () => {
  smtp.listen(0, '127.0.0.1');
  receiver.listen(0, '127.0.0.1');
  await Promise.all([once(smtp.server, 'listening'), once(receiver, 'listening')]);
  hook = `http://127.0.0.1:${portOf(receiver)}/notices`;
  h = await harness(consoleService, {
    env: {
      GATEWAY_URL: 'http://gateway.test',
      SMTP_URL: `smtp://127.0.0.1:${portOf(smtp.server)}`,
      MAIL_FROM: 'Fenxiao <fenxiao@example.com>',
      WEBHOOK_ALLOW_PRIVATE: 'true',
    },
  });
}, 60_000);
afterAll(async () => {
  await h?.close();
  receiver.close();
  await new Promise<void>((resolve) => smtp.close(resolve));
});
beforeEach(() => {
  mails.length = posts.length = 0;
  refuseMail = undefined;
  answer = 204;
  h.time.set('2026-03-10T02:00:00Z'); // Tuesday 10:00 in Shanghai
});

const prefer = async (member: Member, body: object) =>
  h.request('PUT', '/notices/preferences', { token: await h.token(member.subject), body });
const tell = async (member: Member, notice: Partial<FactData<typeof requested>> = {}) => {
  await h.publish(requested, newId(), {
    kind: 'reminder',
    procedure: 'order',
    number: 'SO-2026-000001',
    to: { persons: [member.id] },
    ...notice,
  });
  await h.settle();
};
interface Delivery {
  channel: string;
  state: string;
  attempts: number;
  nextAt: string | null;
  lastError: string | null;
}
const deliveries = async (member: Member): Promise<Delivery[]> => {
  const { items } = (await member.get('/notices')).body;
  const all = await Promise.all(
    items.map(async ({ id }: { id: string }) => (await member.get(`/notices/${id}/deliveries`)).body),
  );
  return all.flat().filter(({ channel }: Delivery) => channel !== 'inbox');
};
const delivery = (member: Member, is: (one: Delivery) => boolean) =>
  until('the delivery', async () => (await deliveries(member)).find(is));

describe('mail', () => {
  it('goes to the address set, in the language set', async () => {
    const member = await h.staff('finance');
    expect((await prefer(member, { email: 'reader@example.com' })).status).toBe(200);
    await tell(member, { dueAt: '2026-03-11T10:00:00Z', about: newId() });
    const mail = await until('a mail', async () => mails[0]);
    expect([mail.subject, mail.from?.text, [mail.to].flat()[0]?.text]).toEqual([
      '提醒：订单 SO-2026-000001',
      '"Fenxiao" <fenxiao@example.com>',
      'reader@example.com',
    ]);
    expect(mail.text).toContain('期限：2026-03-11 18:00');
    expect(mail.text).toContain('http://gateway.test/api/orders/orders/');
    await delivery(member, ({ state }) => state === 'delivered');
  });

  clause('X-08', 'refused', 'a mail that is refused is tried again, later each time, and not for ever', async () => {
    const member = await h.staff('finance');
    await prefer(member, { email: 'full@example.com' });
    refuseMail = 'mailbox full';
    await tell(member);
    expect(await delivery(member, ({ attempts }) => attempts === 1)).toMatchObject({
      state: 'waiting',
      nextAt: '2026-03-10T02:01:00.000Z',
      lastError: expect.stringContaining('mailbox full'),
    });
    const waits = [];
    for (let attempts = 2; attempts <= MOST_ATTEMPTS; attempts++) {
      const { nextAt } = (await deliveries(member))[0]!;
      waits.push((Date.parse(nextAt!) - h.time.now().getTime()) / 60_000);
      h.time.set(nextAt!);
      await delivery(member, (one) => one.attempts === attempts);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64]);
    expect((await deliveries(member))[0]).toMatchObject({ state: 'failed', attempts: MOST_ATTEMPTS, nextAt: null });
    expect(mails).toEqual([]);
  });

  clause('X-08', 'allowed', 'the next attempt arrives once the server takes it', async () => {
    const member = await h.staff('finance');
    await prefer(member, { email: 'again@example.com' });
    refuseMail = 'come back later';
    await tell(member);
    await delivery(member, ({ attempts }) => attempts === 1);
    refuseMail = undefined;
    h.time.set('2026-03-10T02:01:00Z');
    expect(await delivery(member, ({ state }) => state === 'delivered')).toMatchObject({
      attempts: 2,
      lastError: null,
    });
    expect(mails).toHaveLength(1);
  });

  it('is one mail a day with everything, where a digest is asked for; what is urgent goes at once', async () => {
    const member = await h.staff('finance');
    await prefer(member, { email: 'digest@example.com', digestAt: '17:00', language: 'en' });
    for (const number of ['A-1', 'A-2', 'A-3']) await tell(member, { number });
    await tell(member, { kind: 'breach', number: 'B-1' });
    await until('the urgent one', async () => mails[0]);
    expect((await deliveries(member)).map(({ nextAt }) => nextAt).filter(Boolean)).toEqual(
      Array.from({ length: 3 }, () => '2026-03-10T09:00:00.000Z'),
    );
    h.time.set('2026-03-10T09:00:00Z');
    const digest = await until('the digest', async () => mails[1]);
    expect(digest.subject).toBe('3 notices');
    expect(digest.text?.match(/A-\d/g)).toEqual(['A-1', 'A-2', 'A-3']);
    await until('all to be written down', async () =>
      (await deliveries(member)).every(({ state }) => state === 'delivered'),
    );
    expect(mails).toHaveLength(2);
  });

  clause('X-13', 'boundary', 'quiet hours begin with their first minute and end before their last', async () => {
    const member = await h.staff('finance');
    await prefer(member, { email: 'quiet@example.com', quiet: { from: '22:00', to: '07:00' } });
    const at = async (time: string, notice = {}) => {
      h.time.set(time);
      await tell(member, notice);
      return delivery(member, () => true); // of the newest
    };
    expect((await at('2026-03-10T13:59:59Z')).nextAt).not.toBe('2026-03-10T23:00:00.000Z');
    expect((await at('2026-03-10T14:00:00Z')).nextAt).toBe('2026-03-10T23:00:00.000Z');
    expect((await at('2026-03-10T22:59:59Z')).nextAt).toBe('2026-03-10T23:00:00.000Z');
    const before = mails.length;
    expect((await at('2026-03-10T22:59:59Z', { kind: 'alert' })).nextAt).not.toBe('2026-03-10T23:00:00.000Z');
    await until('the alert', async () => mails.length > before);
    await prefer(member, { email: 'quiet@example.com', quiet: { from: '22:00', to: '07:00' }, holdUrgent: true });
    expect((await at('2026-03-10T22:59:59Z', { kind: 'alert' })).nextAt).toBe('2026-03-10T23:00:00.000Z');
    h.time.set('2026-03-10T23:00:00Z');
    await until('all to go', async () => (await deliveries(member)).every(({ state }) => state === 'delivered'));
    expect(mails.at(-1)?.subject).toBe('3条通知');
  });
});

describe('webhooks', () => {
  it('is signed as the standard says, with a secret that is shown once', async () => {
    h.time.set(new Date().toISOString());
    const member = await h.staff('finance');
    const set = await prefer(member, { webhookUrl: hook, language: 'en' });
    const secret = set.body.webhookSecret as string;
    expect(secret).toMatch(/^whsec_/);
    expect((await member.get('/notices/preferences')).body).toMatchObject({ webhookUrl: hook, email: null });
    expect(JSON.stringify((await member.get('/notices/preferences')).body)).not.toContain('whsec_');
    expect((await prefer(member, { webhookUrl: hook, language: 'en' })).body.webhookSecret).toBeUndefined();
    await tell(member);
    const { body, headers } = await until('a post', async () => posts[0]);
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
      type: 'notice',
      data: { kind: 'reminder', title: 'Reminder: Order SO-2026-000001' },
    });
    const other = (await prefer(member, { webhookUrl: hook, newWebhookSecret: true })).body.webhookSecret as string;
    expect(() => new Webhook(other).verify(body, headers as Record<string, string>)).toThrow(
      'No matching signature found',
    );
  });

  it('is posted again under the same id when it was not accepted', async () => {
    const member = await h.staff('finance');
    await prefer(member, { webhookUrl: hook });
    answer = 503;
    await tell(member);
    expect(await delivery(member, ({ attempts }) => attempts === 1)).toMatchObject({ lastError: 'answered 503' });
    answer = 204;
    h.time.pass(60_000);
    await delivery(member, ({ state }) => state === 'delivered');
    expect(posts).toHaveLength(2);
    expect(posts[0]!.headers['webhook-id']).toBe(posts[1]!.headers['webhook-id']);
  });

  it('goes only the ways chosen for its kind', async () => {
    const member = await h.staff('finance');
    await prefer(member, {
      webhookUrl: hook,
      email: 'both@example.com',
      channels: { reminder: [], task: ['webhook'] },
    });
    await tell(member);
    await tell(member, { kind: 'task' });
    await until('a post', async () => posts[0]);
    expect((await deliveries(member)).map(({ channel }) => channel)).toEqual(['webhook']);
  });

  clause('X-20', 'refused', 'no address but https, none with a password, and none inside the network', async () => {
    const strict = await harness(consoleService, { env: { GATEWAY_URL: 'http://gateway.test' } });
    try {
      const member = await strict.staff('finance');
      const put = async (webhookUrl: string) =>
        strict.request('PUT', '/notices/preferences', {
          token: await strict.token(member.subject),
          body: { webhookUrl },
        });
      for (const url of ['http://example.com/x', 'ftp://example.com/x', 'https://me:secret@example.com/x'])
        expect(await put(url)).toMatchObject({ status: 422, body: { code: 'console.notice.insecure-webhook' } });
      for (const url of [hook, `https://127.0.0.1:${portOf(receiver)}/`, 'https://169.254.169.254/latest']) {
        expect((await put(url)).status).toBe(200);
        await strict.publish(requested, newId(), { kind: 'task', procedure: 'order', to: { persons: [member.id] } });
        const { rows } = await until('the refusal', async () => {
          const found = await strict.pool.query(
            `DELETE FROM delivery WHERE attempts = 1 AND channel = 'webhook' RETURNING last_error`,
          );
          return found.rowCount ? found : undefined;
        });
        expect(rows[0].last_error).toMatch(/not allowed/);
      }
      expect(posts).toEqual([]);
    } finally {
      await strict.close();
    }
  });
});

it('without a mail server puts mails into a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mail-'));
  const alone = await harness(consoleService, { env: { GATEWAY_URL: 'http://gateway.test', MAIL_FOLDER: folder } });
  try {
    const member = await alone.staff('finance');
    const body = { email: 'reader@example.com' };
    await alone.request('PUT', '/notices/preferences', { token: await alone.token(member.subject), body });
    await alone.publish(requested, newId(), { kind: 'task', procedure: 'order', to: { persons: [member.id] } });
    const file = await until('a file', async () => (await readdir(folder))[0]);
    await until(
      'it to be written',
      async () =>
        (await alone.pool.query(`SELECT FROM delivery WHERE channel = 'email' AND state = 'delivered'`)).rowCount,
    );
    expect((await simpleParser(await readFile(join(folder, file)))).subject).toBe('任务：订单');
  } finally {
    await alone.close();
    await rm(folder, { recursive: true, force: true });
  }
});
