import { tmpdir } from 'node:os';
import { baseConfig } from '@fenxiao/service-kit/config';
import { z } from 'zod';

const settings = baseConfig.extend({
  /** where the other services are reached; what browsers call it, when nothing else is said */
  GATEWAY_URL: z.url().optional(),
  PUBLIC_URL: z.url().optional(),
  /** of all files of one import together */
  IMPORT_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .default(200 * 1024 * 1024),
  /** reports hold what was in the files, names too: they go after so many days */
  IMPORT_KEEP_DAYS: z.coerce.number().int().min(1).default(90),
  /** where files lie while they are brought in */
  IMPORT_FOLDER: z.string().default(tmpdir()),
});

/** What the console is told. */
export const consoleConfig = settings
  .refine(({ GATEWAY_URL, PUBLIC_URL }) => GATEWAY_URL ?? PUBLIC_URL, {
    path: ['GATEWAY_URL'],
    message: 'the address of the gateway is needed',
  })
  .transform((config) => ({ ...config, GATEWAY_URL: (config.GATEWAY_URL ?? config.PUBLIC_URL!).replace(/\/$/, '') }));
export type ConsoleConfig = z.infer<typeof consoleConfig>;
