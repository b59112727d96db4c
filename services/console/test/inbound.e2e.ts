import { newId } from '@fenxiao/domain/id';
import { clause } from '@fenxiao/testing/clause';
import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { setup, teardown } from '@fenxiao/testing/stack';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';
import { Mailbox } from '../src/inbound/mailbox.js';
import { consoleService } from '../src/service.js';
import { mailAtHand, startMail, type RunningMail } from '@fenxiao/testing/green-mail';

/** P-31, C-01: the inbound mailbox, on a real mail server (GreenMail) that is sent to by SMTP and read by IMAP. */
const atHand = await mailAtHand();
let server: RunningMail;
let h: Harness;
let office: Member;
beforeAll(async () => {
  if (!atHand) return;
  await setup();
  server = await startMail();
  h = await harness(consoleService, {
    env: { GATEWAY_URL: 'http://gateway.test', IMAP_URL: server.imap, INBOUND_MAX_BYTES: '20000' },
  });
  office = await h.staff('office');
}, 240_000);
afterAll(async () => {
  await h?.close();
  await server?.stop();
  await teardown();
});

const send = async (subject: string, more: { messageId?: string; bytes?: number } = {}) => {
  const transport = createTransport(server.smtp);
  await transport.sendMail({
    from: 'Regional Manager <manager@example.com>',
    to: 'reports@example.com',
    subject,
    text: '本半月渠道问题两项。',
    ...(more.messageId ? { messageId: more.messageId } : {}),
    attachments: [{ filename: '报告.csv', content: Buffer.alloc(more.bytes ?? 100, 'a') }],
  });
  transport.close();
};
/** What the service's own loop does every half minute, at once. */
const read = () => h.service.app.get(Mailbox).read();
const listed = async (state = 'open') => (await office.get(`/inbound-mail?state=${state}`)).body.items;
const unseen = async (): Promise<number> => {
  const { port, username, password } = new URL(server.imap);
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: Number(port),
    secure: false,
    auth: { user: username, pass: password },
    logger: false,
  });
  await client.connect();
  const status = await client.status('INBOX', { unseen: true });
  await client.logout();
  return (status && status.unseen) || 0;
};

(atHand ? describe : describe.skip)('mail that comes in', () => {
  clause(
    'P-31',
    'allowed',
    'is kept with its attachments and its sender, seen after that, and attached once',
    async () => {
      const manager = await h.staff('regional-manager');
      const body = { email: 'Manager@example.com' };
      await h.request('PUT', '/notices/preferences', { token: await h.token(manager.subject), body });
      await send('半月报告');
      expect(await unseen()).toBe(1);
      await read();
      expect(await unseen()).toBe(0);
      const [mail] = await listed();
      expect(mail).toMatchObject({
        title: '半月报告',
        sender: 'manager@example.com',
        person: manager.id,
        body: expect.stringContaining('本半月渠道问题两项。'),
        tooLarge: false,
        attachments: [{ n: 1, name: '报告.csv', size: 100 }],
        attachedTo: null,
      });
      const file = await office.get(`/inbound-mail/${mail.id}/attachments/1`);
      expect([file.body, file.headers.get('content-disposition')]).toEqual([
        'a'.repeat(100),
        expect.stringContaining('attachment'),
      ]);
      const to = { procedure: 'half-monthly-report', subject: newId() };
      const attached = await office.post(`/inbound-mail/${mail.id}/attach`, to);
      expect(attached.body.attachedTo).toMatchObject({ ...to, by: office.id });
      expect(await office.post(`/inbound-mail/${mail.id}/attach`, to)).toMatchObject({ status: 409 });
      expect([await listed(), (await listed('attached')).length]).toEqual([[], 1]);
    },
  );

  clause('P-31', 'boundary', 'is kept once by its Message-ID; of what is too large only the head', async () => {
    await send('一次', { messageId: '<once@example.com>' });
    await read();
    await send('一次', { messageId: '<once@example.com>' });
    await send('过大', { bytes: 40_000 });
    await read();
    expect(await unseen()).toBe(0);
    expect(await listed()).toMatchObject([
      { title: '过大', tooLarge: true, attachments: [] },
      { title: '一次', tooLarge: false, attachments: [{ n: 1 }] },
    ]);
  });

  clause('P-31', 'refused', 'is for sales administration and the office only', async () => {
    const seller = await h.staff('salesperson');
    const [mail] = await listed();
    const refused = { status: 403, body: { code: 'procedure.no-power', rule: 'P-31' } };
    expect(await seller.get('/inbound-mail')).toMatchObject(refused);
    expect(await seller.get(`/inbound-mail/${mail.id}/attachments/1`)).toMatchObject(refused);
    const to = { procedure: 'half-monthly-report', subject: newId() };
    expect(await seller.post(`/inbound-mail/${mail.id}/attach`, to)).toMatchObject(refused);
    expect(await office.post(`/inbound-mail/${newId()}/attach`, to)).toMatchObject({ status: 404 });
  });
});
