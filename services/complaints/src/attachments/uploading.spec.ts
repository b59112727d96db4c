import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { clause } from '@fenxiao/testing/clause';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { company, type Company } from '../../test/after-sales.js';
import { jpeg, plainPng } from '../../test/photographs.js';

/** A store that takes what it is sent and does not answer before it is told to. */
class SlowStore {
  readonly waiting: (() => void)[] = [];
  readonly #server: Server = createServer((request, response) => {
    request.resume();
    request.on('end', () => this.waiting.push(() => response.end()));
  });
  async listen(): Promise<string> {
    await new Promise<void>((ready) => this.#server.listen(0, '127.0.0.1', ready));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  has(uploads: number) {
    return until(`${uploads} uploads at the store`, () => Promise.resolve(this.waiting.length === uploads));
  }
  answer(): void {
    for (const one of this.waiting.splice(0)) one();
  }
  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

describe('a store that is slow', () => {
  const store = new SlowStore();
  let c: Company;
  beforeAll(async () => {
    c = await company({
      ATTACHMENT_S3_ENDPOINT: await store.listen(),
      ATTACHMENT_S3_BUCKET: 'files',
      ATTACHMENT_S3_ACCESS_KEY: 'k',
      ATTACHMENT_S3_SECRET_KEY: 's',
      ATTACHMENT_UPLOADS_AT_ONCE: '3',
      ATTACHMENT_UPLOADS_EACH: '2',
      // two of them would be held by the two uploads
      DATABASE_POOL: '2',
    });
  }, 60_000);
  afterAll(async () => {
    store.close();
    await c?.close();
  });

  clause(
    'C-10',
    'boundary',
    'holds up nobody: the case is dealt with while its photographs are on their way',
    async () => {
      const form = { distributorCode: c.customer.code, description: 'Tiles come loose' };
      const { body } = await c.distributor.post('/after-sales-cases', form);
      const path = `/after-sales-cases/${body.id}/attachments`;
      const uploads = [c.upload(c.distributor, path, jpeg()), c.upload(c.distributor, path, plainPng)];
      await store.has(2);
      expect((await c.administrator.get(`/after-sales-cases/${body.id}`)).status).toBe(200);
      const told = await c.administrator.post(`/after-sales-cases/${body.id}/notify-manager`, { way: 'telephone' });
      expect(told.status).toBe(200);

      expect((await c.upload(c.distributor, path, jpeg({ turned: 3 }))).body).toMatchObject({
        status: 429,
        code: 'complaints.attachment.yours-in-hand',
      });
      const third = c.upload(c.administrator, path, jpeg({ turned: 6 }));
      await store.has(3);
      expect((await c.upload(c.technical, path, jpeg({ turned: 8 }))).body).toMatchObject({
        status: 503,
        code: 'complaints.attachment.in-hand',
      });
      store.answer();
      for (const { status } of await Promise.all([...uploads, third])) expect(status).toBe(201);
      expect((await c.manager.get(path)).body.items.map(({ n }: { n: number }) => n)).toEqual([1, 2, 3]);
      // there is room again
      const fourth = c.upload(c.distributor, path, jpeg({ turned: 3 }));
      await store.has(1);
      store.answer();
      expect((await fourth).status).toBe(201);
    },
  );

  clause('X-14', 'refused', 'a case that was closed while the file was on its way takes it no more', async () => {
    const form = { distributorCode: c.customer.code, description: 'Tiles come loose' };
    const { body } = await c.distributor.post('/after-sales-cases', form);
    const path = `/after-sales-cases/${body.id}/attachments`;
    const late = c.upload(c.distributor, path, jpeg());
    await store.has(1);
    await c.h.pool.query(`UPDATE after_sales_case SET state = 'closed' WHERE id = $1`, [body.id]);
    store.answer();
    expect((await late).body).toMatchObject({ status: 409, code: 'complaints.attachment.closed' });
    expect((await c.manager.get(path)).body.items).toEqual([]);
  });
});

describe('a line that is slow', () => {
  let c: Company;
  beforeAll(async () => {
    c = await company({ REQUEST_TIMEOUT_MS: '500', ATTACHMENT_UPLOAD_SECONDS: '60' });
  }, 60_000);
  afterAll(() => c?.close());

  /** A request whose second half is sent later; what came back. */
  const slowly = async (path: string, type: string, body: Buffer) => {
    const socket = connect(Number(new URL(c.h.url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (data) => (answer += String(data))).on('error', () => {});
    const token = await c.h.token(c.distributor.subject);
    const head = [`POST ${path} HTTP/1.1`, 'host: test', `authorization: Bearer ${token}`, `content-type: ${type}`];
    socket.write(`${head.join('\r\n')}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`);
    const half = Math.floor(body.length / 2);
    socket.write(body.subarray(0, half));
    return {
      status: () => until('an answer', () => Promise.resolve(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1])),
      finish: () => socket.write(body.subarray(half)),
    };
  };

  it('is waited for where files come over it, and nowhere else', async () => {
    const form = { distributorCode: c.customer.code, description: 'Tiles come loose' };
    const { body } = await c.distributor.post('/after-sales-cases', form);
    const path = `/after-sales-cases/${body.id}/attachments`;
    const part = 'content-disposition: form-data; name="file"; filename="a.png"\r\n\r\n';
    const file = Buffer.concat([Buffer.from(`--x\r\n${part}`), plainPng, Buffer.from('\r\n--x--\r\n')]);
    const upload = await slowly(path, 'multipart/form-data; boundary=x', file);
    const json = Buffer.from(JSON.stringify(form));
    const slow = await Promise.all([
      slowly('/after-sales-cases', 'application/json', json),
      slowly('/public/complain', 'application/x-www-form-urlencoded', json),
    ]);
    for (const one of slow) expect(await one.status()).toBe('408');
    upload.finish();
    expect(await upload.status()).toBe('201');
  });
});

describe('how much one may add', () => {
  let c: Company;
  beforeAll(async () => {
    c = await company({ ATTACHMENT_DAY_BYTES: '1024' });
  }, 60_000);
  afterAll(() => c?.close());
  const sized = (size: number, fill: number) => Buffer.concat([plainPng, Buffer.alloc(size - plainPng.length, fill)]);
  const reported = async () => {
    const form = { distributorCode: c.customer.code, description: 'Tiles come loose' };
    return `/after-sales-cases/${(await c.distributor.post('/after-sales-cases', form)).body.id}/attachments`;
  };

  clause(
    'C-10',
    'boundary',
    'a day takes so many bytes of a person, over all cases; the next takes as many again',
    async () => {
      c.h.time.set('2026-03-10T02:00:00Z');
      const [one, other] = [await reported(), await reported()];
      expect((await c.upload(c.distributor, one, sized(512, 1))).status).toBe(201);
      // the same again takes no more
      expect((await c.upload(c.distributor, one, sized(512, 1))).status).toBe(200);
      const over = { status: 429, code: 'complaints.attachment.day-used-up' };
      expect((await c.upload(c.distributor, other, sized(513, 2))).body).toMatchObject(over);
      expect((await c.upload(c.distributor, other, sized(512, 2))).status).toBe(201);
      expect((await c.upload(c.distributor, await reported(), sized(100, 3))).body).toMatchObject(over);
      // others have their own, and the day ends at midnight here
      expect((await c.upload(c.administrator, one, sized(512, 4))).status).toBe(201);
      c.h.time.set('2026-03-10T15:59:59Z');
      expect((await c.upload(c.distributor, one, sized(512, 5))).body).toMatchObject(over);
      c.h.time.set('2026-03-10T16:00:00Z');
      const both = await Promise.all([6, 7, 8].map((fill) => c.upload(c.distributor, one, sized(512, fill))));
      expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 201, 429]);
    },
  );

  it('takes nothing where it would leave too little room', async () => {
    const full = await company({ ATTACHMENT_FREE_BYTES: String(2 ** 52) });
    try {
      const form = { distributorCode: full.customer.code, description: 'Tiles come loose' };
      const { body } = await full.distributor.post('/after-sales-cases', form);
      const path = `/after-sales-cases/${body.id}/attachments`;
      expect((await full.upload(full.distributor, path, jpeg())).body).toMatchObject({
        status: 503,
        code: 'complaints.attachment.store-full',
      });
      expect((await full.distributor.get(path)).body.items).toEqual([]);
    } finally {
      await full.close();
    }
  }, 60_000);
});
