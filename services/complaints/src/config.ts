import { baseConfig } from '@fenxiao/service-kit/config';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';

const workingHours = (count: number) => z.coerce.number().int().min(1).max(1000).default(count);

/** What the regulations leave blank in complaints. */
export const complaintsConfig = baseConfig
  .extend({
    /** within how many working minutes the regional manager is told of a case, and of what was done: "at first moment" (C-10) */
    AFTER_SALES_NOTICE_MINUTES: z.coerce.number().int().min(1).max(6000).default(30),
    /** in working hours: until the regional manager is on site or photographs are asked for, until they are there, … (C-10) */
    AFTER_SALES_VISIT_HOURS: workingHours(4),
    AFTER_SALES_PHOTOS_HOURS: workingHours(16),
    AFTER_SALES_OPINION_HOURS: workingHours(4),
    AFTER_SALES_VERIFY_HOURS: workingHours(8),
    AFTER_SALES_DECIDE_HOURS: workingHours(16),
    AFTER_SALES_SERVICE_HOURS: workingHours(40),
    AFTER_SALES_CLOSE_HOURS: workingHours(8),
    /** days after its closing in which a question is opened again; later it is a new one (C-21, K-Q08) */
    TECHNICAL_SUPPORT_REOPEN_DAYS: z.coerce.number().int().min(1).default(7),
    /** the folder that attachments are kept in; absent, and no S3 either: none are taken */
    ATTACHMENT_FOLDER: z.string().min(1).optional(),
    /** a store that speaks S3, instead of the folder */
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
    /** how long an upload may take, over whatever line a distributor has */
    ATTACHMENT_UPLOAD_SECONDS: z.coerce.number().int().min(10).max(3600).default(300),
  })
  .refine(
    (config) =>
      config.ATTACHMENT_S3_ENDPOINT === undefined ||
      (config.ATTACHMENT_S3_BUCKET !== undefined &&
        config.ATTACHMENT_S3_ACCESS_KEY !== undefined &&
        config.ATTACHMENT_S3_SECRET_KEY !== undefined),
    {
      path: ['ATTACHMENT_S3_ENDPOINT'],
      error: 'needs ATTACHMENT_S3_BUCKET, ATTACHMENT_S3_ACCESS_KEY and ATTACHMENT_S3_SECRET_KEY',
    },
  );
export type ComplaintsConfig = z.infer<typeof complaintsConfig>;

export const settings = (work: Work): ComplaintsConfig => work.config as ComplaintsConfig;
