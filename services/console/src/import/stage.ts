import { imports, type ImportKind } from '@fenxiao/contracts/imports';
import { DomainError } from '@fenxiao/domain/domain-error';
import type { BoundField, CellRefusal } from './binding.js';
import { cellAt, cellOf, keyOf, textOf, type Row } from './cells.js';
import { identityOf, kinds, referencesOf } from './fields.js';
import { arrangeRegions } from './generations.js';
import type { Part, Plan, Step } from './plan.js';
import * as refusals from './refusals.js';
import type { Report } from './report.js';
import type { Origin, Staging } from './staging.js';
import type { TableRow } from './table.js';
import { addTotals } from './totals.js';
import { ordinaryWidth, shown } from './values.js';
import type { z } from 'zod';
import { zhCN } from 'zod/locales';

/** Reading: from the tables of a plan to rows of the contract that wait to be sent, and the reasons for those that do not. */

/** What was read of one kind. */
export interface KindRead {
  rows: number;
  rejected: number;
  /** rows left out because the mapping says so */
  skipped: number;
  /** lines of orders */
  lines: number;
  /** of orders the net of the lines, and of those shipped; of receipts the amount; of observations the value */
  readonly totals: Record<string, bigint>;
}

export interface Reading {
  readonly plan: Plan;
  readonly staging: Staging;
  readonly report: Report;
  readonly counts: Map<ImportKind, KindRead>;
  readonly progress: (kind: ImportKind, rows: number) => void;
  readonly assertGoingOn: () => void;
}

const inChinese = { error: zhCN().localeError };

/** Fields by which rows of a kind are named from elsewhere. */
const namesOf = (kind: ImportKind): string[] => [
  ...new Set(
    kinds.flatMap((other) => Object.values(referencesOf(other)).flatMap(([of, field]) => (of === kind ? [field] : []))),
  ),
];

export const emptyCount = (): KindRead => ({ rows: 0, rejected: 0, skipped: 0, lines: 0, totals: {} });

/** Names of a plan's tables, by the index that origins have. */
export const tablesIn = (plan: Plan): Part['table'][] =>
  plan.steps.flatMap(({ parts, lineParts }) => [...parts, ...lineParts].map(({ table }) => table));

/** Reads everything. Rows that can't be taken are reported; the others wait in the staging. */
export async function readAll(reading: Reading): Promise<void> {
  const { plan, staging, report, counts, assertGoingOn } = reading;
  for (const [i, { table, key, value }] of plan.lookups.entries())
    for await (const { cells } of table.rows()) {
      assertGoingOn();
      staging.addLookup(i, (cells[key] ?? '').trim(), (cells[value] ?? '').trim());
    }
  let table = 0;
  for (const [index, step] of plan.steps.entries()) {
    const reader = new StepReader(reading, step, index);
    for (const part of step.parts) await reader.read(part, table++);
    for (const part of step.lineParts) await reader.readLines(part, table++);
    if (step.kind === 'orders') reader.assemble();
  }
  const circular = arrangeRegions(staging, report);
  if (circular > 0) counts.get('regions')!.rejected += circular;
}

class StepReader {
  readonly #count: KindRead;
  readonly #names: readonly string[];
  readonly #priceLists = new Map<string, number>();

  constructor(
    private readonly reading: Reading,
    private readonly step: Step,
    private readonly index: number,
  ) {
    const { counts } = reading;
    if (!counts.has(step.kind)) counts.set(step.kind, emptyCount());
    this.#count = counts.get(step.kind)!;
    this.#names = namesOf(step.kind);
  }

  async read(part: Part, table: number): Promise<void> {
    const { kind } = this.step;
    for await (const { row, cells, origin, problems } of this.#rows(part, part.fields, table)) {
      if (kind === 'orders') this.#readOrder(part, row, cells, origin, problems, table);
      else {
        this.#count.rows += 1;
        if (problems.length > 0) this.#reject(origin, row, problems);
        else this.#stage(row, origin);
      }
    }
  }

  async readLines(part: Part, table: number): Promise<void> {
    for await (const { row, cells, origin, problems } of this.#rows(part, part.fields, table)) {
      this.#addLine(keyIn(cells, part.joinBy!), row, origin, problems);
    }
  }

  /** Orders with their lines, once all of both have been read. */
  assemble(): void {
    const { staging, assertGoingOn } = this.reading;
    for (let after = 0; ;) {
      const heads = staging.heads(this.index, after, 500);
      for (const head of heads) {
        assertGoingOn();
        after = head.seq;
        if (head.row === null) continue;
        const row = JSON.parse(head.row) as Row;
        const lines = staging.linesOf(this.index, head.key);
        const origin = {
          ...(JSON.parse(head.origin) as Origin),
          lines: lines.map((line) => JSON.parse(line.origin) as Origin),
        };
        if (lines.length === 0) this.#reject(origin, row, [inRow(refusals.noLines({ order: head.key }))]);
        else if (lines.some((line) => line.row === null)) this.#count.rejected += 1;
        else this.#stage({ ...row, lines: lines.map((line) => JSON.parse(line.row!) as Row) }, origin);
      }
      if (heads.length === 0) break;
    }
    for (const { key, origin } of staging.orphans(this.index)) {
      this.#count.rows += 1;
      this.#reject(JSON.parse(origin) as Origin, { number: key }, [inRow(refusals.noOrder({ order: key }))]);
    }
    staging.forget(this.index);
  }

  async *#rows(part: Part, fields: readonly BoundField[], table: number) {
    const { progress, assertGoingOn, staging } = this.reading;
    const used = [...new Set([...fields, ...(part.lineFields ?? [])].flatMap(({ columns }) => columns))];
    if (part.joinBy !== undefined) used.push(part.table.header[part.joinBy] ?? '');
    const at = used.map((name) => [name, part.table.header.indexOf(name)] as const);
    const above: string[] = [];
    let passed = 0;
    for await (const { line, cells: given, refusal } of part.table.rows()) {
      assertGoingOn();
      const cells = filledDown(given, part.fillDown, above);
      if (!refusal) {
        const values = part.distinct?.map((column) => (cells[column] ?? '').trim());
        const known = values && (values.every((value) => value === '') || !staging.isNew(this.index, values));
        if (known || part.skip(cells)) {
          this.#count.skipped += 1;
          continue;
        }
      }
      const origin: Origin = { table, line, cells: Object.fromEntries(at.map(([name, i]) => [name, cells[i] ?? ''])) };
      const problems: CellRefusal[] = refusal ? [inRow(refusal)] : [];
      const row = refusal ? {} : readFields(fields, cells, origin, problems);
      yield { row, cells, origin, problems };
      if (++passed % 500 === 0) {
        progress(this.step.kind, this.#count.rows);
        // files are read faster than anything else gets its turn
        await new Promise(setImmediate);
      }
    }
  }

  #readOrder(
    part: Part,
    row: Row,
    cells: TableRow['cells'],
    origin: Origin,
    problems: CellRefusal[],
    table: number,
  ): void {
    const { staging } = this.reading;
    const key = part.joinBy === undefined ? textOf(row['number']) : keyIn(cells, part.joinBy);
    const text = problems.length > 0 || key === '' ? null : JSON.stringify(row);
    const before = staging.addHead(this.index, key, text, JSON.stringify(origin));
    if (!before) {
      this.#count.rows += 1;
      if (text === null) this.#reject(origin, row, problems);
    } else if (!part.lineFields) {
      this.#count.rows += 1;
      this.#reject(origin, row, [this.#duplicateOf(JSON.parse(before.origin) as Origin)]);
    } else if (before.row !== null && text !== before.row) {
      // every row repeats the order: it has to be the same each time
      const other = JSON.parse(before.row) as Row;
      const { line } = JSON.parse(before.origin) as Origin;
      const differing = part.fields.filter(
        ({ field }) => JSON.stringify(row[field.name]) !== JSON.stringify(other[field.name]),
      );
      const refusal = refusals.headDiffers({ order: key, line });
      this.#reportCells(
        origin,
        row,
        problems.length > 0 ? problems : differing.map((field) => ({ ...cellOf(field, origin), refusal })),
      );
      staging.addLine(this.index, key, null, JSON.stringify(origin));
      return;
    }
    if (!part.lineFields) return;
    const lineProblems: CellRefusal[] = [];
    const line = readFields(part.lineFields, cells, origin, lineProblems);
    this.#addLine(key, line, { table, line: origin.line, cells: origin.cells }, lineProblems);
  }

  #addLine(key: string, row: Row, origin: Origin, problems: readonly CellRefusal[]): void {
    this.#count.lines += 1;
    if (problems.length > 0) this.#reportCells(origin, { number: key }, problems);
    this.reading.staging.addLine(
      this.index,
      key,
      problems.length > 0 ? null : JSON.stringify(row),
      JSON.stringify(origin),
    );
  }

  #stage(row: Row, origin: Origin): void {
    const { staging, report } = this.reading;
    const { kind } = this.step;
    const parsed = imports[kind].row.safeParse(row, report.language === 'zh' ? inChinese : undefined);
    if (!parsed.success) {
      this.#reject(
        origin,
        row,
        parsed.error.issues.map((issue) => ({
          ...cellAt(issue.path.join('.'), row, origin, [this.step]),
          refusal: refusalOf(issue),
        })),
      );
      return;
    }
    const identity = identityOf(kind)
      .map((field) => textOf(row[field]))
      .join('\u001f');
    const added = staging.add(kind, identity, JSON.stringify(row), JSON.stringify(origin));
    if (typeof added === 'object') {
      this.#reject(origin, row, [this.#duplicateOf(added.before)]);
      return;
    }
    for (const name of this.#names) if (row[name] !== undefined) staging.addName(kind, name, textOf(row[name]), added);
    if (kind === 'prices') staging.setPart(added, this.#priceList(row));
    if (kind === 'receipts') staging.setPart(added, Number(textOf(row['receivedOn']).replaceAll('-', '')));
    addTotals(kind, parsed.data, this.#count.totals);
  }

  /** Rows of one list, date and basis become one version of it, so they go together. */
  #priceList({ listCode, validFrom, taxIncluded }: Row): number {
    const list = JSON.stringify([listCode, validFrom, taxIncluded]);
    if (!this.#priceLists.has(list)) this.#priceLists.set(list, this.#priceLists.size);
    return this.#priceLists.get(list)!;
  }

  #duplicateOf(before: Origin): CellRefusal {
    return inRow(refusals.duplicate({ file: this.reading.report.tableName(before.table), line: before.line }));
  }

  #reject(origin: Origin, row: Row, problems: readonly CellRefusal[]): void {
    this.#count.rejected += 1;
    this.#reportCells(origin, row, problems);
  }

  #reportCells(origin: Origin, row: Row, problems: readonly CellRefusal[]): void {
    const { report } = this.reading;
    const { kind } = this.step;
    const key = keyOf(kind, row);
    for (const { column, value, refusal, origin: own } of problems)
      report.reject({
        kind,
        origin: own ?? origin,
        key,
        column,
        value,
        code: refusal.code,
        reason: refusal.text(report.language),
      });
  }
}

const inRow = (refusal: DomainError): CellRefusal => ({ column: '', value: '', refusal });
const keyIn = (cells: readonly string[], column: number) => ordinaryWidth(cells[column] ?? '');

function readFields(
  fields: readonly BoundField[],
  cells: readonly string[],
  origin: Origin,
  problems: CellRefusal[],
): Row {
  const row: Row = {};
  for (const bound of fields)
    try {
      const value = bound.read(cells);
      if (value !== undefined) row[bound.field.name] = value;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      problems.push({ ...cellOf(bound, origin), refusal: error });
    }
  return row;
}

function filledDown(cells: readonly string[], columns: readonly number[], above: string[]): readonly string[] {
  if (columns.length === 0) return cells;
  const filled = [...cells];
  for (const column of columns) {
    const value = (filled[column] ?? '').trim();
    if (value === '') filled[column] = above[column] ?? '';
    else above[column] = value;
  }
  return filled;
}

/** What the contract still objects to after the cells were read. */
function refusalOf(issue: z.core.$ZodIssue): DomainError {
  if (issue.code === 'too_big' && issue.origin === 'string') return refusals.tooLong({ most: Number(issue.maximum) });
  if (issue.code === 'invalid_format') return refusals.tooLarge({ value: shown(textOf(issue.input)) });
  return refusals.invalid({ detail: issue.message });
}
