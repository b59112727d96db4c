import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { exportEvents } from '@fenxiao/contracts/platform';
import { domainError, DomainError } from '@fenxiao/domain/domain-error';
import { newId } from '@fenxiao/domain/id';
import { exportersOf } from '@fenxiao/procedures/powers';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { powerTo, reachOf, type Actor } from './actor.js';
import type { Commands } from './commands.js';
import type { AnyBound } from './engine.js';
import { noPower } from './errors.js';
import { listQuery, parseQuery, type Reads } from './reads.js';
import type { Transactions } from './work.js';

/**
 * X-20 Confidentiality 商业机密: what a procedure keeps, as a file. Whoever takes it says why; the file says who took it, and
 * audit, event and `export_log` do so before its first byte leaves.
 */

const formats = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson; charset=utf-8' };
type Format = keyof typeof formats;
type Row = Readonly<Record<string, unknown>>;

/** The query of an export: the filters of the list, why, and in which format. */
export const exportQuery = (bound: AnyBound) =>
  listQuery(bound)
    .omit({ limit: true, cursor: true })
    .extend({ format: z.enum(['csv', 'ndjson']).default('csv'), reason: z.string().max(200).optional() });

export interface ExportFile {
  readonly type: string;
  readonly name: string;
  readonly stream: Readable;
}

/** The mark every file carries in its first line. */
interface Mark {
  readonly export: string;
  readonly person: string;
  readonly at: string;
  readonly reason: string;
}

export class Exports {
  readonly #events: ReturnType<typeof exportEvents>;

  constructor(
    private readonly transactions: Transactions,
    private readonly commands: Commands,
    private readonly reads: Reads,
    service: string,
  ) {
    this.#events = exportEvents(service);
  }

  /** @throws invalidQuery, noPower, reasonNeeded; the refusals of rules are recorded */
  async begin(actor: Actor, bound: AnyBound, query: unknown): Promise<ExportFile> {
    const { procedure } = bound;
    const { format, reason = '', ...filters } = parseQuery(exportQuery(bound), query);
    const target = { procedure: procedure.name, move: 'export', rule: 'X-20' };
    const { body } = await this.commands.run(actor, target, query, {}, async (work) => {
      const powers = exportersOf(procedure);
      if (!reachOf(actor, { by: powers }) || !reachOf(actor, powerTo(actor, procedure, 'read')))
        throw new DomainError(
          { ...noPower.definition, rule: 'X-20' },
          { move: 'export', roles: Object.keys(powers).join(', ') || '—' },
        );
      if (reason.trim() === '') throw reasonNeeded({}, { field: 'reason' });
      const [known] = await work.query<{ staff_number: string }>(
        'SELECT staff_number FROM known_person WHERE id::text = $1',
        [actor.person],
      );
      const mark = { export: newId(), person: known?.staff_number ?? actor.person, at: work.now.toISOString(), reason };
      await work.query(
        `INSERT INTO export_log (id, person, procedure, format, reason, filters, began_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [mark.export, actor.person, procedure.name, format, reason, JSON.stringify(filters), work.now],
      );
      const role = actor.positions.flatMap(({ roles }) => roles).find((held) => powers[held])!;
      work.record({ ...target, subject: mark.export, outcome: 'done', role, reason, after: { format, filters } });
      const named = { procedure: procedure.name, format, filters: filters as Record<string, string> };
      work.publish(this.#events.exported, { id: mark.export, events: 0 }, named, { rule: 'X-20', role, reason });
      return { status: 201, body: mark };
    });
    const mark = body as Mark;
    const stream = Readable.from(this.#content(actor, bound, filters, format, mark), { objectMode: false });
    return { type: formats[format], name: `${procedure.path}-${mark.export}.${format}`, stream };
  }

  /** The file, page by page; however it ends, by its last row or by a client that has gone, the end is written down. */
  async *#content(actor: Actor, bound: AnyBound, filters: Row, format: Format, mark: Mark): AsyncGenerator<string> {
    const digest = createHash('sha256');
    const writer = format === 'csv' ? csv(mark) : ndjson(mark);
    let [rows, complete] = [0, false];
    const sent = (text: string) => (digest.update(text), text);
    try {
      yield sent(writer.head);
      for (let cursor: string | undefined; ;) {
        const { items, next } = await this.reads.page(
          actor,
          bound,
          { ...filters, limit: 200, cursor },
          exportersOf(bound.procedure),
        );
        if (items.length > 0 || cursor === undefined) {
          rows += items.length;
          yield sent(writer.page(items.map(({ moves: _, ...row }) => row)));
        }
        if (next === null) break;
        cursor = next;
      }
      complete = true;
    } finally {
      await this.#ended(actor, bound, mark.export, { rows, complete, digest: digest.digest('hex') });
    }
  }

  async #ended(
    actor: Actor,
    { procedure: { name } }: AnyBound,
    id: string,
    end: { rows: number; complete: boolean; digest: string },
  ): Promise<void> {
    await this.transactions.run(actor, async (work) => {
      await work.query('UPDATE export_log SET ended_at = $2, rows = $3, complete = $4, digest = $5 WHERE id = $1', [
        id,
        work.now,
        end.rows,
        end.complete,
        end.digest,
      ]);
      const role = actor.positions[0]?.roles[0] ?? 'none';
      work.record({
        procedure: name,
        subject: id,
        move: 'export-ended',
        outcome: 'done',
        rule: 'X-20',
        role,
        after: end,
      });
      work.publish(
        this.#events['export-ended'],
        { id, events: 1 },
        { procedure: name, ...end },
        { rule: 'X-20', role },
      );
    });
  }
}

interface Writer {
  readonly head: string;
  page(rows: readonly Row[]): string;
}

const ndjson = (mark: Mark): Writer => ({
  head: `${JSON.stringify({ export: mark })}\n`,
  page: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
});

/**
 * CSV as spreadsheets read it: UTF-8 with a byte order mark, no cell taken for a formula. The columns are those of the
 * first page; what a later row holds beside them stands in the last one, as JSON.
 */
function csv(mark: Mark): Writer {
  const plainNumber = /^-?\d+(\.\d+)?$/;
  const text = (records: unknown[][]) =>
    stringify(records, {
      escape_formulas: true,
      cast: { string: (value) => (plainNumber.test(value) ? { value, escape_formulas: false } : value) },
    });
  let columns: string[] | undefined;
  return {
    head: `\uFEFF${text([['export', mark.export, mark.person, mark.at, mark.reason]])}`,
    page: (rows) => {
      const flat = rows.map(flattened);
      const first = columns === undefined;
      columns ??= [...new Set(flat.flatMap((row) => [...row.keys()]))];
      const known = new Set(columns);
      const records = flat.map((row) => {
        const more = [...row].filter(([name]) => !known.has(name));
        return [
          ...columns!.map((name) => row.get(name)),
          more.length > 0 ? JSON.stringify(Object.fromEntries(more)) : '',
        ];
      });
      return text(first ? [[...columns, '…'], ...records] : records);
    },
  };
}

/** Cells by column: fields of an object inside are columns of their own, `form.item`; lists are JSON. */
function flattened(row: Row): Map<string, string | number> {
  const cells = new Map<string, string | number>();
  const walk = (node: object, path: string) => {
    for (const [name, value] of Object.entries(node)) {
      if (value === null) cells.set(path + name, '');
      else if (typeof value === 'string' || typeof value === 'number') cells.set(path + name, value);
      else if (typeof value === 'object' && !Array.isArray(value)) walk(value as object, `${path}${name}.`);
      else cells.set(path + name, JSON.stringify(value));
    }
  };
  walk(JSON.parse(JSON.stringify(row)) as object, '');
  return cells;
}

export const reasonNeeded = domainError({
  code: 'confidentiality.reason-needed',
  kind: 'unprocessable',
  rule: 'X-20',
  en: 'Data leaves only for a reason: say why (`reason`).',
  zh: '导出数据须说明理由（reason）。',
});
