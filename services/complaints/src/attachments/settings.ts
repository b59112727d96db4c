import { z } from 'zod';

const GIB = 1024 ** 3;

/** Where attachments are kept, how large they may be and how many. */
export const attachmentSettings = {
  /** the folder that attachments are kept in; absent, and no S3 either: none are taken */
  ATTACHMENT_FOLDER: z.string().min(1).optional(),
  /** a store that speaks S3, instead of the folder; needs bucket and keys */
  ATTACHMENT_S3_ENDPOINT: z
    .literal('off')
    .transform(() => undefined)
    .or(z.url({ protocol: /^https?$/ }))
    .optional(),
  ATTACHMENT_S3_BUCKET: z.string().min(1).optional(),
  ATTACHMENT_S3_REGION: z.string().min(1).default('us-east-1'),
  ATTACHMENT_S3_ACCESS_KEY: z.string().min(1).optional(),
  ATTACHMENT_S3_SECRET_KEY: z.string().min(1).optional(),
  ATTACHMENT_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .max(200 * 1024 * 1024)
    .default(20 * 1024 * 1024),
  /** how many one subject may have */
  ATTACHMENTS_MOST: z.coerce.number().int().min(1).max(1000).default(50),
  /** how many bytes one person may add in a day */
  ATTACHMENT_DAY_BYTES: z.coerce.number().int().min(1024).default(GIB),
  /** none is taken that leaves less free where the folder lies */
  ATTACHMENT_FREE_BYTES: z.coerce.number().int().min(0).default(GIB),
  /** how many are read and kept at once, all together and of one person: each is in memory while it comes */
  ATTACHMENT_UPLOADS_AT_ONCE: z.coerce.number().int().min(1).max(200).default(8),
  ATTACHMENT_UPLOADS_EACH: z.coerce.number().int().min(1).max(20).default(3),
  /** hours after which a file that was put into the store and attached to nothing is taken away; the day's bytes are counted by them */
  ATTACHMENT_ORPHAN_HOURS: z.coerce.number().int().min(24).max(8760).default(48),
  /** how long an upload may take, over whatever line a distributor has */
  ATTACHMENT_UPLOAD_SECONDS: z.coerce.number().int().min(10).max(3600).default(300),
};

interface S3 {
  readonly ATTACHMENT_S3_ENDPOINT?: string | undefined;
  readonly ATTACHMENT_S3_BUCKET?: string | undefined;
  readonly ATTACHMENT_S3_ACCESS_KEY?: string | undefined;
  readonly ATTACHMENT_S3_SECRET_KEY?: string | undefined;
}

/** S3 is set wholly or not at all. */
export const isWholeS3 = (config: S3) =>
  config.ATTACHMENT_S3_ENDPOINT === undefined ||
  (config.ATTACHMENT_S3_BUCKET !== undefined &&
    config.ATTACHMENT_S3_ACCESS_KEY !== undefined &&
    config.ATTACHMENT_S3_SECRET_KEY !== undefined);
export const halfS3 = {
  path: ['ATTACHMENT_S3_ENDPOINT'],
  error: 'needs ATTACHMENT_S3_BUCKET, ATTACHMENT_S3_ACCESS_KEY and ATTACHMENT_S3_SECRET_KEY',
};
