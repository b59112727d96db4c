import type { EventContract, Event } from '@fenxiao/contracts/event';
import { declaredEvents } from '@fenxiao/contracts/event';
import { DomainError } from '@fenxiao/domain/domain-error';
import { Counter } from 'prom-client';
import { HoleInLog, type LogRecord } from './event-log.js';
import { deadLetter, writeOutbox } from './outbox.js';
import { isStale } from './prepared-client.js';
import type { Sql } from './sql.js';

/**
 * Applies records once only: the mark of the partition is written in the transaction that applies them, so a repeat
 * is dropped and a crash leaves nothing half done. Three outcomes per message: applied, dead letter, retry.
 */
export interface OnceOnly<Tx extends Sql> {
  readonly consumer: string;
  /** runs in a transaction of the consumer's own database; the mark and the effects commit together */
  readonly transaction: <T>(run: (tx: Tx) => Promise<T>) => Promise<T>;
  /** event types somebody here handles; others only move the mark */
  readonly handles: (type: string) => boolean;
  readonly handle: (event: Event, record: LogRecord, tx: Tx) => Promise<void>;
  readonly now: () => Date;
  readonly skipped: Skipped;
}

interface Run {
  readonly topic: string;
  readonly part: number;
  from: bigint;
  to: bigint;
}

/**
 * Records that nobody here handles and that follow on the durable mark, per partition. They need no transaction of their
 * own: the next one that is handled moves the mark past them, or `keep` does soon. Whoever takes the partition over before
 * that passes them again.
 */
export class Skipped {
  readonly #runs = new Map<string, Run>();

  /** The partition is read from its durable mark again. */
  forget(topic: string, part: number): void {
    this.#runs.delete(`${topic}/${part}`);
  }

  of({ topic, part }: LogRecord): Run | undefined {
    return this.#runs.get(`${topic}/${part}`);
  }

  /** @throws HoleInLog when they do not follow on what was skipped before */
  add(records: readonly LogRecord[]): void {
    const [{ topic, part, off: from }, { off: to }] = [records[0]!, records.at(-1)!];
    const run = this.of(records[0]!);
    if (!run) this.#runs.set(`${topic}/${part}`, { topic, part, from, to });
    else if (run.to + 1n === from) run.to = to;
    else throw new HoleInLog(topic, part, run.to + 1n, from);
  }

  get none(): boolean {
    return this.#runs.size === 0;
  }

  /** Moves the durable marks, none of them back, and none over records that were not seen here. */
  async keep(sql: Sql): Promise<void> {
    const runs = [...this.#runs.values()].map((run) => ({ run, from: run.from, to: run.to }));
    if (runs.length === 0) return;
    await sql.query(
      `WITH skipped AS (SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[]) s(topic, part, first, last)),
       made AS (INSERT INTO mark (topic, part, off) SELECT topic, part, last FROM skipped WHERE first = 1 ON CONFLICT DO NOTHING)
       UPDATE mark m SET off = s.last FROM skipped s
       WHERE m.topic = s.topic AND m.part = s.part AND m.off >= s.first - 1 AND m.off < s.last`,
      [
        runs.map(({ run }) => run.topic),
        runs.map(({ run }) => run.part),
        runs.map(({ from }) => from),
        runs.map(({ to }) => to),
      ],
    );
    for (const { run, to } of runs) {
      const name = `${run.topic}/${run.part}`;
      if (this.#runs.get(name) !== run) continue;
      if (run.to === to) this.#runs.delete(name);
      else run.from = to + 1n;
    }
  }
}

/** @throws whatever makes a retry necessary: the store is away, or a lock was lost */
export async function applyOnce<Tx extends Sql>(consumer: OnceOnly<Tx>, records: readonly LogRecord[]): Promise<void> {
  if (records.every((record) => isNobodys(consumer, record))) return consumer.skipped.add(records);
  try {
    await applyAll(consumer, records);
  } catch (error) {
    if (isTransient(error) || error instanceof HoleInLog) throw error;
    // One of them is poison: take them one by one, so that only that one is set aside.
    for (const record of records) await applyOne(consumer, record);
  }
}

async function applyOne<Tx extends Sql>(consumer: OnceOnly<Tx>, record: LogRecord): Promise<void> {
  try {
    await applyAll(consumer, [record]);
  } catch (error) {
    if (isTransient(error) || error instanceof HoleInLog) throw error;
    const reason =
      error instanceof Undeliverable ? error.reason : error instanceof DomainError ? error.code : 'handler-failed';
    await consumer.transaction(async (tx) => {
      if ((await fresh(consumer, tx, [record])).length === 0) return;
      await writeOutbox(tx, [deadLetter(consumer.consumer, record, reason, error, consumer.now())]);
      await moveMark(tx, record);
    });
    consumer.skipped.forget(record.topic, record.part);
    deadLetters.inc({ reason });
  }
}

async function applyAll<Tx extends Sql>(consumer: OnceOnly<Tx>, records: readonly LogRecord[]): Promise<void> {
  await consumer.transaction(async (tx) => {
    const news = await fresh(consumer, tx, records);
    for (const record of news) {
      const type = typeOf(record);
      if (consumer.handles(type)) await consumer.handle(parse(record, type), record, tx);
    }
    if (news.length > 0) await moveMark(tx, news.at(-1)!);
  });
  consumer.skipped.forget(records[0]!.topic, records[0]!.part);
}

/** Whether it has a type, and one that nobody here handles. */
function isNobodys<Tx extends Sql>({ handles }: OnceOnly<Tx>, record: LogRecord): boolean {
  try {
    return !handles(typeOf(record));
  } catch {
    return false;
  }
}

/** Locks the mark and drops what is at or below it. The lock fences off a member that lost its lease. */
async function fresh<Tx extends Sql>(
  { skipped }: OnceOnly<Tx>,
  tx: Sql,
  records: readonly LogRecord[],
): Promise<readonly LogRecord[]> {
  const { topic, part } = records[0]!;
  const [mark] = await tx.query<{ off: string }>(
    `INSERT INTO mark (topic, part) VALUES ($1, $2) ON CONFLICT (topic, part) DO UPDATE SET off = mark.off RETURNING off`,
    [topic, part],
  );
  const run = skipped.of(records[0]!);
  const durable = BigInt(mark!.off);
  const applied = run && durable >= run.from - 1n && durable < run.to ? run.to : durable;
  const news = records.filter(({ off }) => off > applied);
  news.forEach(({ off }, i) => {
    const expected = applied + 1n + BigInt(i);
    if (off !== expected) throw new HoleInLog(topic, part, expected, off);
  });
  return news;
}

const moveMark = (tx: Sql, { topic, part, off }: LogRecord) =>
  tx.query('UPDATE mark SET off = $3 WHERE topic = $1 AND part = $2', [topic, part, off]);

/** The durable mark of a partition, 0 when nothing has been applied. */
export async function markOf(sql: Sql, topic: string, part: number): Promise<bigint> {
  const [row] = await sql.query<{ off: string }>('SELECT off FROM mark WHERE topic = $1 AND part = $2', [topic, part]);
  return BigInt(row?.off ?? 0);
}

/** A message that no retry can make good. */
export class Undeliverable extends Error {
  constructor(
    readonly reason: 'malformed' | 'against-contract',
    options: ErrorOptions,
  ) {
    super(`message is ${reason}`, options);
  }
}

function typeOf(record: LogRecord): string {
  try {
    return String((JSON.parse(record.headers) as { type?: unknown }).type);
  } catch (cause) {
    throw new Undeliverable('malformed', { cause });
  }
}

/** @throws Undeliverable */
export function parse(record: LogRecord, type: string): Event {
  const contract: EventContract | undefined = declaredEvents().get(type);
  let headers: Omit<Event, 'data'>;
  let value: unknown;
  try {
    headers = JSON.parse(record.headers) as Omit<Event, 'data'>;
    value = JSON.parse(record.value);
  } catch (cause) {
    throw new Undeliverable('malformed', { cause });
  }
  const data = contract?.data.safeParse(value);
  if (!data?.success) throw new Undeliverable('against-contract', { cause: data?.error });
  const { id, source, subject, time, sequence, traceparent } = headers;
  return { id, type, source, subject, time, sequence, ...(traceparent ? { traceparent } : {}), data: data.data };
}

/** SQLSTATE classes that pass by themselves: connection, transaction rollback, resources, operator intervention, system. */
const transientClasses = new Set(['08', '40', '53', '55', '57', '58']);
const transientCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);

/** Whether the same message may well succeed later without anybody changing anything. */
export function isTransient(error: unknown): boolean {
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    if (isStale(e)) return true;
    const code = (e as { code?: unknown }).code;
    if (
      typeof code === 'string' &&
      (transientCodes.has(code) || (/^[0-9A-Z]{5}$/.test(code) && transientClasses.has(code.slice(0, 2))))
    )
      return true;
    if (
      /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/i.test(
        e.message,
      )
    )
      return true;
  }
  return false;
}

const deadLetters = new Counter({ name: 'dead_letters_total', help: 'Messages set aside', labelNames: ['reason'] });
