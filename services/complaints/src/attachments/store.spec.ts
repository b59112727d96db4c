import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { company } from '../../test/after-sales.js';
import { jpeg, plainJpeg } from '../../test/photographs.js';
import { folderStore } from './folder-store.js';
import { s3Store, type FileStore } from './store.js';

/** A small S3 server of the registry's: it has no types. */
interface S3Server {
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
}
type S3Servers = new (options: object) => S3Server;
const S3rver = createRequire(import.meta.url)('s3rver') as S3Servers;

let folder: string;
let server: S3Server;
let endpoint: string;
const keys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-'));
  const configureBuckets = [{ name: 'files', configs: [] }];
  const directory = join(folder, 's3');
  server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, configureBuckets });
  endpoint = `http://127.0.0.1:${(await server.run()).port}`;
}, 60_000);
afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

const bucket = { region: 'us-east-1', bucket: 'files', ...keys };
describe.each<[string, () => FileStore]>([
  ['a folder', () => folderStore(join(folder, 'plain'))],
  ['S3', () => s3Store({ endpoint, ...bucket })],
])('a store in %s', (_, store) => {
  it('gives back what was put, and says what is lost', async () => {
    await store().put('complaint/1/abc', jpeg());
    await store().put('complaint/1/abc', jpeg());
    await store().put('complaint/2/abc', plainJpeg);
    expect(await store().get('complaint/1/abc')).toEqual(jpeg());
    expect(await store().get('complaint/2/abc')).toEqual(plainJpeg);
    await expect(store().get('complaint/3/abc')).rejects.toMatchObject({ code: 'complaints.attachment.file-lost' });
    for (let times = 0; times < 2; times++) await store().remove('complaint/1/abc');
    await expect(store().get('complaint/1/abc')).rejects.toMatchObject({ code: 'complaints.attachment.file-lost' });
    expect(await store().get('complaint/2/abc')).toEqual(plainJpeg);
  });
});

it('writes files that only their owner reads, whole or not at all', async () => {
  const kept = join(folder, 'modes');
  await folderStore(kept).put('a/b/c', plainJpeg);
  expect((await stat(join(kept, 'a/b/c'))).mode & 0o777).toBe(0o600);
  expect((await stat(join(kept, 'a'))).mode & 0o777).toBe(0o700);
  await Promise.all([1, 2, 3, 4].map(() => folderStore(kept).put('a/b/d', jpeg())));
  expect((await readdir(join(kept, 'a/b'))).toSorted()).toEqual(['c', 'd']);
});

it('says that the store is away where the disk does not take the file, and takes away what a crash left half written', async () => {
  const away = { code: 'complaints.attachment.store-away', kind: 'unavailable' };
  const blocked = join(folder, 'blocked');
  await writeFile(blocked, 'no folder');
  for (const store of [folderStore(blocked), folderStore(join(blocked, 'below'))]) {
    await expect(store.put('a/b/c', plainJpeg)).rejects.toMatchObject(away);
    await expect(store.get('a/b/c')).rejects.toMatchObject(away);
  }
  const kept = join(folder, 'halves');
  await folderStore(kept).put('a/b/c', plainJpeg);
  await writeFile(join(kept, 'a/b/c.half'), 'half');
  await writeFile(join(kept, 'a/b/cd'), 'another');
  await folderStore(kept).remove('a/b/c');
  expect(await readdir(join(kept, 'a/b'))).toEqual(['cd']);
});

// This server knows accounts and does not reckon signatures of version 4; that ours are right is the library's.
it('is refused by S3 with the key of nobody, or another bucket', async () => {
  const away = (name: string) => ({ code: 'complaints.attachment.store-away', cause: { name } });
  const wrong = s3Store({ endpoint, ...bucket, accessKeyId: 'nobody' });
  await expect(wrong.put('a', plainJpeg)).rejects.toMatchObject(away('InvalidAccessKeyId'));
  const none = s3Store({ endpoint, ...bucket, bucket: 'none' });
  await expect(none.put('a', plainJpeg)).rejects.toMatchObject(away('NoSuchBucket'));
  await expect(none.get('a')).rejects.toMatchObject(away('NoSuchBucket'));
});

it('keeps what a distributor uploads to the service in S3', async () => {
  const c = await company({
    ATTACHMENT_S3_ENDPOINT: endpoint,
    ATTACHMENT_S3_BUCKET: 'files',
    ATTACHMENT_S3_ACCESS_KEY: keys.accessKeyId,
    ATTACHMENT_S3_SECRET_KEY: keys.secretAccessKey,
  });
  try {
    const form = { distributorCode: c.customer.code, description: 'Tiles come loose' };
    const { body } = await c.distributor.post('/after-sales-cases', form);
    const path = `/after-sales-cases/${body.id}/attachments`;
    const kept = await c.upload(c.distributor, path, jpeg());
    expect(kept.status).toBe(201);
    expect((await c.download(c.manager, `${path}/1`)).bytes).toEqual(jpeg());
    expect(await s3Store({ endpoint, ...bucket }).get(`after-sales-case/${body.id}/${kept.body.sha256}`)).toEqual(
      jpeg(),
    );
    expect(await readdir(c.folder)).toEqual([]);
  } finally {
    await c.close();
  }
}, 60_000);
