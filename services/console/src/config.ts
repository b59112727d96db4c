import { tmpdir } from 'node:os';
import { baseConfig } from '@fenxiao/service-kit/config';
import { z } from 'zod';
import type { Place } from './notices/words.js';

/** An address that may be left out, or be `off`. */
const address = (protocol: RegExp) =>
  z
    .literal('off')
    .transform(() => undefined)
    .or(z.url({ protocol }))
    .optional();

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
  /** the mail server, such as `smtps://user:password@mail.example.com`; what nodemailer takes */
  SMTP_URL: address(/^smtps?$/),
  /** without a mail server: mails are files here, one each, as any mail program opens them */
  MAIL_FOLDER: z.string().optional(),
  MAIL_FROM: z.string().min(3).default('Fenxiao <fenxiao@localhost>'),
  /** whether webhooks may lead to private addresses: for receivers inside one's own network */
  WEBHOOK_ALLOW_PRIVATE: z.stringbool().default(false),
  /** the mailbox for half-monthly reports and complaints: `imaps://user:password@mail.example.com/INBOX`; without it none is read */
  IMAP_URL: address(/^imaps?$/),
  /** of a message with its attachments; of what is larger only the head is kept */
  INBOUND_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .default(25 * 1024 * 1024),
});

/** What people call the installation, and its time zone: for the texts of notices. */
export const placeOf = ({ PUBLIC_URL, GATEWAY_URL, TIME_ZONE }: ConsoleConfig): Place => ({
  url: (PUBLIC_URL ?? GATEWAY_URL).replace(/\/$/, ''),
  timeZone: TIME_ZONE,
});

/** What the console is told. */
export const consoleConfig = settings
  .refine(({ GATEWAY_URL, PUBLIC_URL }) => GATEWAY_URL ?? PUBLIC_URL, {
    path: ['GATEWAY_URL'],
    message: 'the address of the gateway is needed',
  })
  .transform((config) => ({ ...config, GATEWAY_URL: (config.GATEWAY_URL ?? config.PUBLIC_URL!).replace(/\/$/, '') }));
export type ConsoleConfig = z.infer<typeof consoleConfig>;
