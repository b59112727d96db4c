import { createHash } from 'node:crypto';
import { DeleteObjectCommand, GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { domainError } from '@fenxiao/domain/domain-error';
import type { ComplaintsConfig } from '../config.js';
import { folderStore } from './folder-store.js';
import { fileLost, storeAway } from './store-errors.js';

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
