import { Readable } from 'node:stream';
import { domainError, DomainError } from '@fenxiao/domain/domain-error';
import { exportersOf } from '@fenxiao/procedures/powers';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { powerTo, reachOf, roleFor, type Actor } from './actor.js';
import type { Commands } from './commands.js';
import type { AnyBound } from './engine.js';
import { noPower } from './errors.js';
import type { ExportLog, Part } from './export-log.js';
import { filterForms, withRanges } from './filters.js';
import { parseQuery, type Reads } from './reads.js';

/**
 * X-20 Confidentiality 商业机密: what a procedure keeps, as a file. Whoever takes it says why; the file says who took it, and
 * audit, event and `export_log` do so before its first byte leaves.
 */

const formats = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson; charset=utf-8' };
type Row = Readonly<Record<string, unknown>>;

/** The query of an export: the filters of the list, why, and in which format. */
export const exportQuery = (bound: AnyBound) =>
  withRanges(
    z.strictObject({
      ...filterForms(bound),
      format: z.enum(['csv', 'ndjson']).default('csv'),
      reason: z.string().max(200).optional(),
    }),
  );

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
  constructor(
    private readonly commands: Commands,
    private readonly reads: Reads,
    private readonly log: ExportLog,
  ) {}

  /** @throws invalidQuery, noPower, reasonNeeded; the refusals of rules are recorded */
  async begin(actor: Actor, bound: AnyBound, query: unknown): Promise<ExportFile> {
    const { procedure } = bound;
    const { format, reason = '', ...given } = parseQuery(exportQuery(bound), query);
    const filters = given as Record<string, string>;
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
      const { role } = roleFor(actor, { by: powers })!;
      const id = await this.log.begin(work, { procedure: procedure.name, format, filters, reason, role, rule: 'X-20' });
      const mark = { export: id, person: known?.staff_number ?? actor.person, at: work.now.toISOString(), reason };
      return { status: 201, body: mark };
    });
    const mark = body as Mark;
    const parts = this.#parts(actor, bound, filters, format === 'csv' ? csv(mark) : ndjson(mark));
    const stream = Readable.from(this.log.handOver(actor, procedure.name, mark.export, parts), { objectMode: false });
    return { type: formats[format], name: `${procedure.path}-${mark.export}.${format}`, stream };
  }

  /** The mark, then page by page. */
  async *#parts(actor: Actor, bound: AnyBound, filters: Row, writer: Writer): AsyncGenerator<Part> {
    yield { text: writer.head, rows: 0 };
    const within = exportersOf(bound.procedure);
    for (let cursor: string | undefined; ;) {
      const { items, next } = await this.reads.page(actor, bound, { ...filters, limit: 200, cursor }, within);
      if (items.length > 0 || cursor === undefined)
        yield { text: writer.page(items.map(({ moves: _, ...row }) => row)), rows: items.length };
      if (next === null) return;
      cursor = next;
    }
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
