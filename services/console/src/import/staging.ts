import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { ImportKind } from '@fenxiao/contracts/imports';

/**
 * Where rows wait between being read and being sent: a file of its own, so that memory stays bounded whatever the size of
 * what is brought in, and lines find their orders, children their parents and duplicates each other by an index on disk.
 */

/** Where a row comes from: enough to say which cell of which file was meant. */
export interface Origin {
  /** index of the table in the import's list */
  readonly table: number;
  readonly line: number;
  /** cells of the columns that are used */
  readonly cells: Readonly<Record<string, string>>;
  /** of an order: where its lines come from, in their order */
  readonly lines?: readonly Origin[];
}

export interface StagedRow {
  readonly id: number;
  /** rows of one part go before those of the next */
  readonly part: number;
  /** JSON of the row */
  readonly row: string;
}

export interface StagedHead {
  readonly seq: number;
  readonly key: string;
  /** JSON; absent: refused */
  readonly row: string | null;
  readonly origin: string;
}

const schema = `
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768; PRAGMA temp_store = FILE;
CREATE TABLE staged (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, part INTEGER NOT NULL, identity TEXT NOT NULL,
  row TEXT NOT NULL, origin TEXT NOT NULL, refused INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX staged_identity ON staged (kind, identity);
CREATE INDEX staged_order ON staged (kind, part, id);
CREATE TABLE name (kind TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (kind, field, value)) WITHOUT ROWID;
CREATE TABLE head (seq INTEGER PRIMARY KEY, step INTEGER NOT NULL, key TEXT NOT NULL, row TEXT, origin TEXT NOT NULL);
CREATE UNIQUE INDEX head_key ON head (step, key);
CREATE TABLE line (seq INTEGER PRIMARY KEY, step INTEGER NOT NULL, key TEXT NOT NULL, row TEXT, origin TEXT NOT NULL);
CREATE INDEX line_key ON line (step, key, seq);
CREATE TABLE lookup (list INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (list, key)) WITHOUT ROWID;
CREATE TABLE seen (step INTEGER NOT NULL, tuple TEXT NOT NULL, PRIMARY KEY (step, tuple)) WITHOUT ROWID;
BEGIN;`;

export class Staging {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @param folder of this import alone */
  constructor(folder: string) {
    this.#database = new DatabaseSync(join(folder, 'staging.db'));
    this.#database.exec(schema);
  }

  close(): void {
    this.#database.close();
  }

  /** @returns the id; or, for a thing that has come before, where that was */
  add(kind: ImportKind, identity: string, row: string, origin: string): number | { before: Origin } {
    const made = this.#run(
      'INSERT OR IGNORE INTO staged (kind, part, identity, row, origin) VALUES (?, 0, ?, ?, ?)',
      kind,
      identity,
      row,
      origin,
    );
    if (Number(made.changes) === 1) return Number(made.lastInsertRowid);
    const before = this.#get<{ origin: string }>(
      'SELECT origin FROM staged WHERE kind = ? AND identity = ?',
      kind,
      identity,
    );
    return { before: JSON.parse(before!.origin) as Origin };
  }

  /** By what a row of this import can be named from others. */
  addName(kind: ImportKind, field: string, value: string, id: number): void {
    this.#run('INSERT OR IGNORE INTO name VALUES (?, ?, ?, ?)', kind, field, value, id);
  }

  /** Whether the import has a row of that name that was not refused. */
  isNamed(kind: ImportKind, field: string, value: string): boolean {
    const found = this.#get(
      'SELECT 1 FROM name n JOIN staged s ON s.id = n.id WHERE n.kind = ? AND n.field = ? AND n.value = ? AND s.refused = 0',
      kind,
      field,
      value,
    );
    return found !== undefined;
  }

  setPart(id: number, part: number): void {
    this.#run('UPDATE staged SET part = ? WHERE id = ?', part, id);
  }

  refuse(id: number): void {
    this.#run('UPDATE staged SET refused = 1 WHERE id = ?', id);
  }

  /** Rows of a kind in the order in which they are to be sent, the next after the one given. */
  page(kind: ImportKind, after: { part: number; id: number }, limit: number): StagedRow[] {
    const wanted = 'SELECT id, part, row FROM staged WHERE refused = 0 AND kind = ?';
    // `(part, id) > (?, ?)` would go through the whole part each time
    const same = this.#all<StagedRow>(
      `${wanted} AND part = ? AND id > ? ORDER BY id LIMIT ?`,
      kind,
      after.part,
      after.id,
      limit,
    );
    if (same.length > 0) return same;
    return this.#all<StagedRow>(`${wanted} AND part > ? ORDER BY part, id LIMIT ?`, kind, after.part, limit);
  }

  originOf(id: number): Origin {
    return JSON.parse(this.#get<{ origin: string }>('SELECT origin FROM staged WHERE id = ?', id)!.origin) as Origin;
  }

  count(kind: ImportKind): number {
    return this.#get<{ n: number }>('SELECT count(*) AS n FROM staged WHERE kind = ? AND refused = 0', kind)!.n;
  }

  /** @returns false when the order's head has come before: then that one */
  addHead(step: number, key: string, row: string | null, origin: string): StagedHead | undefined {
    const made = this.#run(
      'INSERT OR IGNORE INTO head (step, key, row, origin) VALUES (?, ?, ?, ?)',
      step,
      key,
      row,
      origin,
    );
    if (Number(made.changes) === 1) return undefined;
    return this.#get<StagedHead>('SELECT seq, key, row, origin FROM head WHERE step = ? AND key = ?', step, key);
  }

  addLine(step: number, key: string, row: string | null, origin: string): void {
    this.#run('INSERT INTO line (step, key, row, origin) VALUES (?, ?, ?, ?)', step, key, row, origin);
  }

  heads(step: number, after: number, limit: number): StagedHead[] {
    return this.#all<StagedHead>(
      'SELECT seq, key, row, origin FROM head WHERE step = ? AND seq > ? ORDER BY seq LIMIT ?',
      step,
      after,
      limit,
    );
  }

  linesOf(step: number, key: string): { row: string | null; origin: string }[] {
    return this.#all('SELECT row, origin FROM line WHERE step = ? AND key = ? ORDER BY seq LIMIT 1001', step, key);
  }

  /** Lines whose order is not there, the first of each. */
  *orphans(step: number): Generator<{ key: string; origin: string }> {
    const sql = `SELECT key, origin, min(seq) FROM line l WHERE step = ?
      AND NOT EXISTS (SELECT 1 FROM head h WHERE h.step = l.step AND h.key = l.key) GROUP BY key ORDER BY key`;
    yield* this.#statement(sql).iterate(step) as Iterable<{ key: string; origin: string }>;
  }

  /** Heads and lines of a step are done with. */
  forget(step: number): void {
    this.#run('DELETE FROM head WHERE step = ?', step);
    this.#run('DELETE FROM line WHERE step = ?', step);
  }

  addLookup(list: number, key: string, value: string): void {
    this.#run('INSERT OR IGNORE INTO lookup VALUES (?, ?, ?)', list, key, value);
  }

  lookup(list: number, key: string): string | undefined {
    return this.#get<{ value: string }>('SELECT value FROM lookup WHERE list = ? AND key = ?', list, key)?.value;
  }

  /** Whether these values come for the first time. */
  isNew(step: number, values: readonly string[]): boolean {
    return Number(this.#run('INSERT OR IGNORE INTO seen VALUES (?, ?)', step, JSON.stringify(values)).changes) === 1;
  }

  #statement(sql: string): StatementSync {
    let found = this.#statements.get(sql);
    if (!found) this.#statements.set(sql, (found = this.#database.prepare(sql)));
    return found;
  }
  #run(sql: string, ...values: SQLInputValue[]) {
    return this.#statement(sql).run(...values);
  }
  #get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }
  #all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }
}
