import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open as openFile, readFile, rename, rm, statfs, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DeleteObjectCommand, GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { domainError } from '@fenxiao/domain/domain-error';
import type { ComplaintsConfig } from '../config.js';

/** Where the bytes of attachments are. A key is written once and never with other bytes. */
export interface FileStore {
  /** Resolves when it is safely kept. */
  put(key: string, bytes: Buffer): Promise<void>;
  /** @throws fileLost where it is not there */
  get(key: string): Promise<Buffer>;
  /** Resolves when it is gone, or was not there. */
  remove(key: string): Promise<void>;
}

/** Injection token of the store. */
export const FILE_STORE = Symbol('file store');

const stores = new WeakMap<ComplaintsConfig, FileStore>();

/** The store as it is set, one for a process: S3 where an endpoint is named, else the folder. */
export function storeOf(config: ComplaintsConfig): FileStore {
  const store = stores.get(config) ?? open(config);
  stores.set(config, store);
  return store;
}

function open(config: ComplaintsConfig): FileStore {
  const { ATTACHMENT_S3_ENDPOINT: endpoint, ATTACHMENT_FOLDER: folder, ATTACHMENT_FREE_BYTES: leastFree } = config;
  if (endpoint === undefined) return folder === undefined ? nowhere : folderStore(folder, leastFree);
  // The configuration is refused where one of these is missing.
  const { ATTACHMENT_S3_BUCKET: bucket = '', ATTACHMENT_S3_ACCESS_KEY: accessKeyId = '' } = config;
  const { ATTACHMENT_S3_SECRET_KEY: secretAccessKey = '', ATTACHMENT_S3_REGION: region } = config;
  return s3Store({ endpoint, region, bucket, accessKeyId, secretAccessKey });
}

/**
 * A folder of this machine. Files appear whole or not at all, and outlive a crash once `put` has resolved.
 * @param leastFree bytes that have to stay free where the folder lies
 */
export function folderStore(folder: string, leastFree = 0): FileStore {
  const pathOf = (key: string) => join(folder, ...key.split('/'));
  return {
    put: async (key, bytes) => {
      const path = pathOf(key);
      const beside = `${path}.${randomUUID()}`;
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const { bavail, bsize } = await statfs(folder);
      if (bavail * bsize - bytes.length < leastFree) throw storeFull();
      try {
        const file = await openFile(beside, 'wx', 0o600);
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(beside, path);
      } finally {
        await rm(beside, { force: true });
      }
    },
    get: (key) =>
      readFile(pathOf(key)).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'ENOENT' ? fileLost() : error;
      }),
    remove: (key) =>
      unlink(pathOf(key)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw storeAway({}, { cause: error });
      }),
  };
}

interface S3Settings {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A bucket of anything that speaks S3. */
export function s3Store({ endpoint, region, bucket, accessKeyId, secretAccessKey }: S3Settings): FileStore {
  const client = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    // nobody waits for ever: whoever uploads is there still
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
    // the bucket as a path: stores of one's own seldom have a domain for each
    forcePathStyle: true,
    // not every store knows the newer checksums; ours are of the whole file
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const away = (error: Error) => {
    throw error instanceof NoSuchKey ? fileLost() : storeAway({}, { cause: error });
  };
  return {
    put: async (key, bytes) => {
      const ContentMD5 = createHash('md5').update(bytes).digest('base64');
      const object = { Bucket: bucket, Key: key, Body: bytes, ContentMD5, ContentType: 'application/octet-stream' };
      await client.send(new PutObjectCommand(object)).catch(away);
    },
    get: (key) =>
      client
        .send(new GetObjectCommand({ Bucket: bucket, Key: key }))
        .then(async ({ Body }) => Buffer.from(await Body!.transformToByteArray()))
        .catch(away),
    // S3 says so too where there was none
    remove: async (key) => {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })).catch(away);
    },
  };
}

const nowhere: FileStore = {
  put: () => Promise.reject(noStore()),
  get: () => Promise.reject(noStore()),
  remove: () => Promise.reject(noStore()),
};

const noStore = domainError({
  code: 'complaints.attachment.no-store',
  kind: 'unavailable',
  en: 'No store for attachments is set up here (ATTACHMENT_FOLDER or ATTACHMENT_S3_ENDPOINT).',
  zh: '此处尚未设置附件存储（ATTACHMENT_FOLDER 或 ATTACHMENT_S3_ENDPOINT）。',
});
export const storeAway = domainError({
  code: 'complaints.attachment.store-away',
  kind: 'unavailable',
  en: 'The store of attachments can not be reached, or does not let us in; try again.',
  zh: '附件存储无法访问或拒绝访问，请稍后再试。',
});
const fileLost = domainError({
  code: 'complaints.attachment.file-lost',
  kind: 'unavailable',
  en: 'The file is not in the store, although it is on record.',
  zh: '登记的文件不在存储中。',
});
const storeFull = domainError({
  code: 'complaints.attachment.store-full',
  kind: 'unavailable',
  en: 'There is no room left for attachments; whoever runs the system has to make some.',
  zh: '附件存储空间不足，请联系系统管理员。',
});
