import type { Language } from '@fenxiao/domain/dictionary';
import { DomainError } from '@fenxiao/domain/domain-error';
import { Id, Instant, Line } from '@fenxiao/contracts/wire';
import type { Sql } from '@fenxiao/messaging/sql';
import { notFound, outsideScope } from '@fenxiao/service-kit/errors';
import { z } from 'zod';
import { inWords, type NoticeRow, type Place } from './words.js';

/** A person's notices, as they are read. */

export const inboxQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** of the page before; unread ones come first, so it says in which part that ended */
  cursor: z
    .string()
    .regex(/^(unread|read):[0-9a-f-]{36}$/)
    .optional(),
  kind: Line.optional(),
  state: z.enum(['unread', 'read']).optional(),
});
type InboxQuery = z.infer<typeof inboxQuery>;

export const noticeView = z.object({
  id: Id,
  kind: z.string().meta({ description: 'approval, reminder, breach, alert, task, information; others may come' }),
  title: z.string(),
  text: z.string(),
  link: z.string().nullable(),
  service: z.string(),
  procedure: z.string(),
  about: Id.nullable(),
  number: z.string().nullable(),
  move: z.string().nullable(),
  state: z.string().nullable(),
  dueAt: Instant.nullable(),
  rule: z.string(),
  at: Instant,
  readAt: Instant.nullable(),
});
export type NoticeView = z.infer<typeof noticeView>;
export const inboxPage = z.object({ unread: z.int(), items: z.array(noticeView), next: z.string().nullable() });

export const deliveryView = z.object({
  channel: z.enum(['inbox', 'email', 'webhook']),
  state: z.enum(['waiting', 'delivered', 'failed']),
  attempts: z.int(),
  nextAt: Instant.nullable(),
  lastError: z.string().nullable(),
  deliveredAt: Instant.nullable(),
});

const instant = (at: Date | string) => new Date(at).toISOString();
const instantOrNull = (at: Date | string | null) => at && instant(at);

export function view(row: NoticeRow, language: Language, place: Place): NoticeView {
  const { id, kind, service, procedure, about, number, move, state, due_at, rule, at, read_at } = row;
  return {
    id,
    kind,
    ...inWords(row, language, place),
    service,
    procedure,
    about,
    number,
    move,
    state,
    dueAt: instantOrNull(due_at),
    rule,
    at: instant(at),
    readAt: instantOrNull(read_at),
  };
}

/** A page: unread ones first, in each part the newest first. Every part is read along its own index. */
export async function page(
  sql: Sql,
  person: string,
  { limit, cursor, kind, state }: InboxQuery,
): Promise<{ rows: NoticeRow[]; next: string | null }> {
  const [from, before] = cursor?.split(':') ?? [];
  const rows: NoticeRow[] = [];
  for (const part of ['unread', 'read'] as const) {
    if ((state && part !== state) || (part === 'unread' && from === 'read') || rows.length > limit) continue;
    rows.push(
      ...(await sql.query<NoticeRow>(
        `SELECT * FROM notice WHERE person = $1 AND read_at IS ${part === 'read' ? 'NOT NULL' : 'NULL'}
           AND ($2::uuid IS NULL OR id < $2) AND ($3::text IS NULL OR kind = $3) ORDER BY id DESC LIMIT $4`,
        [person, part === from ? before : null, kind ?? null, limit + 1 - rows.length],
      )),
    );
  }
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > limit ? `${last!.read_at ? 'read' : 'unread'}:${last!.id}` : null };
}

export async function unreadOf(sql: Sql, person: string): Promise<number> {
  const [row] = await sql.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM notice WHERE person = $1 AND read_at IS NULL',
    [person],
  );
  return row!.n;
}

/** nobody reads another's. @throws notFound, outsideScope */
export async function mine(sql: Sql, person: string, id: string): Promise<NoticeRow> {
  const [row] = await sql.query<NoticeRow & { person: string }>('SELECT * FROM notice WHERE id = $1', [id]);
  if (!row) throw notFound({ what: 'notice' });
  if (row.person !== person) throw new DomainError({ ...outsideScope.definition, rule: 'X-20' });
  return row;
}

export async function deliveriesOf(sql: Sql, notice: string): Promise<z.infer<typeof deliveryView>[]> {
  const rows = await sql.query<DeliveryRow>(
    'SELECT channel, state, attempts, next_at, last_error, delivered_at FROM delivery WHERE notice = $1 ORDER BY id',
    [notice],
  );
  return rows.map(({ next_at, last_error, delivered_at, ...delivery }) => ({
    ...delivery,
    nextAt: instantOrNull(next_at),
    lastError: last_error,
    deliveredAt: instantOrNull(delivered_at),
  }));
}

type DeliveryRow = Pick<z.infer<typeof deliveryView>, 'channel' | 'state' | 'attempts'> & {
  readonly next_at: Date | null;
  readonly last_error: string | null;
  readonly delivered_at: Date | null;
};
