import { randomBytes } from 'node:crypto';
import { Line } from '@fenxiao/contracts/wire';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import type { Sql } from '@fenxiao/messaging/sql';
import { z } from 'zod';

/** How a person wants to be told, and when: everything here is pure but the two statements that read and keep it. */

export type Channel = 'email' | 'webhook';

const TimeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
  .meta({ description: 'HH:MM in the business time zone' });
const mostKinds = 50;

const settings = z.object({
  /** by kind of notice; a kind that is not named goes every way there is */
  channels: z
    .record(Line, z.array(z.enum(['email', 'webhook'])).max(2))
    .refine((kinds) => Object.keys(kinds).length <= mostKinds)
    .default({}),
  /** one mail a day with everything, at this time; null: each at once */
  digestAt: TimeOfDay.nullable().default(null),
  /** nothing is sent from the first time until the second, over midnight when that is the earlier */
  quiet: z.object({ from: TimeOfDay, to: TimeOfDay }).nullable().default(null),
  /** breaches and alerts wait for the digest and the end of the quiet hours, too */
  holdUrgent: z.boolean().default(false),
  language: z.enum(['zh', 'en']).default('zh'),
});
type Settings = z.infer<typeof settings>;

/** What a person sends: the whole of it, as with any PUT. */
export const preferenceForm = settings.extend({
  email: z.email().max(200).nullable().default(null),
  webhookUrl: z.url().max(500).nullable().default(null),
  /** another secret although the address stays */
  newWebhookSecret: z.boolean().default(false),
});
export type PreferenceForm = z.infer<typeof preferenceForm>;

export const preferenceView = settings.extend({
  email: z.string().nullable(),
  webhookUrl: z.string().nullable(),
  webhookSecret: z.string().optional().meta({ description: 'shown once: in the answer that made it' }),
});

export interface Preference extends Settings {
  readonly email: string | null;
  readonly webhookUrl: string | null;
  readonly webhookSecret: string | null;
}

export const insecureWebhook = domainError({
  code: 'console.notice.insecure-webhook',
  kind: 'unprocessable',
  rule: 'X-20',
  en: 'A webhook is called by https only, without a name and password in its address.',
  zh: 'Webhook 地址须使用 https，且不得包含用户名和密码。',
});

/** https, or http to this machine: whether private addresses may be called at all is looked at when it is called. @throws insecureWebhook */
export function requireSafeUrl(text: string): void {
  const { protocol, hostname, username, password } = new URL(text);
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  const safe = protocol === 'https:' || (protocol === 'http:' && loopback);
  if (!safe || username || password) throw insecureWebhook({}, { field: 'webhookUrl' });
}

interface Row {
  person: string;
  email: string | null;
  webhook_url: string | null;
  webhook_secret: string | null;
  settings: Settings;
}

/** By person; who has set nothing is left out. */
export async function preferencesOf(sql: Sql, persons: readonly string[]): Promise<Map<string, Preference>> {
  const rows = await sql.query<Row>('SELECT * FROM notice_preference WHERE person = ANY($1)', [persons]);
  return new Map(
    rows.map((row) => [
      row.person,
      {
        ...settings.parse(row.settings),
        email: row.email,
        webhookUrl: row.webhook_url,
        webhookSecret: row.webhook_secret,
      },
    ]),
  );
}

/** What a person reads of it; the secret only from `keepPreference`. */
export function viewOf(preference: Preference | undefined): z.infer<typeof preferenceView> {
  const { email = null, webhookUrl = null } = preference ?? {};
  return { ...settings.parse(preference ?? {}), email, webhookUrl };
}

/**
 * Keeps what was sent. A webhook gets a secret when its address is new, or when one is asked for.
 * @throws insecureWebhook
 */
export async function keepPreference(
  sql: Sql,
  person: string,
  { email, webhookUrl, newWebhookSecret, ...rest }: PreferenceForm,
): Promise<z.infer<typeof preferenceView>> {
  if (webhookUrl) requireSafeUrl(webhookUrl);
  const before = (await preferencesOf(sql, [person])).get(person);
  const fresh = webhookUrl !== null && (newWebhookSecret || before?.webhookUrl !== webhookUrl);
  const secret = fresh ? `whsec_${randomBytes(32).toString('base64')}` : webhookUrl ? before!.webhookSecret : null;
  await sql.query(
    `INSERT INTO notice_preference (person, email, webhook_url, webhook_secret, settings) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (person) DO UPDATE SET email = excluded.email, webhook_url = excluded.webhook_url,
       webhook_secret = excluded.webhook_secret, settings = excluded.settings`,
    [person, email, webhookUrl, secret, JSON.stringify(rest)],
  );
  return { ...rest, email, webhookUrl, ...(fresh ? { webhookSecret: secret! } : {}) };
}

const urgent = new Set(['breach', 'alert']);

/** By which ways a notice of a kind goes to the person, beside the inbox. */
export function channelsFor(kind: string, { channels, email, webhookUrl }: Preference): Channel[] {
  const wanted = channels[kind] ?? ['email', 'webhook'];
  return (['email', 'webhook'] as const).filter(
    (channel) => wanted.includes(channel) && (channel === 'email' ? email : webhookUrl),
  );
}

/** When it is sent: at once, with the digest (mail only), or when the quiet hours are over. */
export function sendAt(
  { kind, channel }: { kind: string; channel: Channel },
  preference: Preference,
  now: Date,
  calendar: BusinessCalendar,
): Date {
  const { digestAt, quiet, holdUrgent } = preference;
  if (urgent.has(kind) && !holdUrgent) return now;
  const at = digestAt && channel === 'email' ? nextTime(now, digestAt, calendar) : now;
  return quiet ? afterQuiet(at, quiet, calendar) : at;
}

/** The first instant from `now` on at which the clock shows this time. */
function nextTime(now: Date, timeOfDay: string, calendar: BusinessCalendar): Date {
  const today = calendar.dateOf(now);
  const at = calendar.instantAt(today, timeOfDay);
  return at >= now ? at : calendar.instantAt(calendar.addDays(today, 1), timeOfDay);
}

/** The first minute is quiet, the last is not: 22:00 to 07:00 ends at 07:00:00. */
function afterQuiet(at: Date, { from, to }: { from: string; to: string }, calendar: BusinessCalendar): Date {
  const today = calendar.dateOf(at);
  for (const day of [calendar.addDays(today, -1), today]) {
    const end = calendar.instantAt(from < to ? day : calendar.addDays(day, 1), to);
    if (from !== to && calendar.instantAt(day, from) <= at && at < end) return end;
  }
  return at;
}
