import { rmSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** Characters kept in memory; what comes after them is on disk. */
const inMemory = 16 * 1024 * 1024;

/** The texts of a workbook, which its cells name by number. Memory is bounded: beyond some 32 MB they go to a file. */
export class SharedStrings {
  readonly #first: string[] = [];
  #characters = 0;
  #count = 0;
  #disk: { database: DatabaseSync; insert: StatementSync; select: StatementSync } | undefined;

  /** @param file made when it is needed */
  constructor(
    private readonly file: string,
    private readonly limit = inMemory,
  ) {}

  add(text: string): void {
    this.#count++;
    if (this.#characters + text.length <= this.limit && !this.#disk) {
      this.#characters += text.length;
      this.#first.push(text);
      return;
    }
    this.#disk ??= this.#open();
    this.#disk.insert.run(this.#count - 1, text);
  }

  get(index: number): string {
    if (index < this.#first.length) return this.#first[index] ?? '';
    const found = this.#disk?.select.get(index) as { text: string } | undefined;
    return found?.text ?? '';
  }

  close(): void {
    if (!this.#disk) return;
    this.#disk.database.close();
    rmSync(this.file, { force: true });
  }

  #open() {
    const database = new DatabaseSync(this.file);
    database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384');
    database.exec('CREATE TABLE t (i INTEGER PRIMARY KEY, text TEXT NOT NULL); BEGIN');
    return {
      database,
      insert: database.prepare('INSERT INTO t VALUES (?, ?)'),
      select: database.prepare('SELECT text FROM t WHERE i = ?'),
    };
  }
}
