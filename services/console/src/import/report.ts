import { closeSync, openSync, writeSync } from 'node:fs';
import type { ImportKind } from '@fenxiao/contracts/imports';
import type { Language } from '@fenxiao/domain/dictionary';
import type { Origin } from './staging.js';

/** What was refused and what was found, as CSV files that a spreadsheet opens (UTF-8 with BOM), and counted. */

export interface Rejection {
  readonly kind: ImportKind;
  readonly origin: Origin;
  /** what the thing is called, when that could be read */
  readonly key: string;
  readonly column: string;
  readonly value: string;
  readonly code: string;
  readonly reason: string;
}

export interface RecordedFinding {
  readonly kind: ImportKind;
  readonly origin: Origin;
  readonly key: string;
  readonly rule: string;
  readonly code: string;
  readonly detail: string;
}

export interface RefusalCount {
  readonly file: string;
  readonly kind: ImportKind;
  readonly code: string;
  /** of the first of them */
  readonly reason: string;
  count: number;
}

export interface FindingCount {
  readonly rule: string;
  readonly code: string;
  count: number;
}

const headers = {
  rejections: {
    en: ['file', 'line', 'column', 'value', 'kind', 'key', 'code', 'reason'],
    zh: ['文件', '行', '列', '值', '类别', '编号', '代码', '原因'],
  },
  findings: {
    en: ['rule', 'code', 'kind', 'key', 'file', 'line', 'detail'],
    zh: ['条款', '代码', '类别', '编号', '文件', '行', '说明'],
  },
} as const;

export interface ReportFiles {
  readonly rejections: string;
  readonly findings: string;
}

export class Report {
  #rejections: CsvFile;
  #findings: CsvFile;
  readonly #refusalCounts = new Map<string, RefusalCount>();
  readonly #findingCounts = new Map<string, FindingCount>();

  /** @param tables names of the tables, by the index that origins have */
  constructor(
    private readonly files: ReportFiles,
    readonly language: Language,
    private readonly tables: readonly string[],
  ) {
    [this.#rejections, this.#findings] = this.#open();
  }

  #open(): [CsvFile, CsvFile] {
    const { files, language } = this;
    return [
      new CsvFile(files.rejections, headers.rejections[language]),
      new CsvFile(files.findings, headers.findings[language]),
    ];
  }

  /** Both files empty again, and nothing counted. */
  restart(): void {
    this.close();
    this.#refusalCounts.clear();
    this.#findingCounts.clear();
    [this.#rejections, this.#findings] = this.#open();
  }

  reject({ kind, origin, key, column, value, code, reason }: Rejection): void {
    const file = this.tables[origin.table] ?? '';
    this.#rejections.write([file, String(origin.line), column, value, kind, key, code, reason]);
    const id = JSON.stringify([file, kind, code]);
    const counted = this.#refusalCounts.get(id);
    if (counted) counted.count += 1;
    else this.#refusalCounts.set(id, { file, kind, code, reason, count: 1 });
  }

  find({ kind, origin, key, rule, code, detail }: RecordedFinding): void {
    this.#findings.write([rule, code, kind, key, this.tables[origin.table] ?? '', String(origin.line), detail]);
    const id = `${rule} ${code}`;
    const counted = this.#findingCounts.get(id);
    if (counted) counted.count += 1;
    else this.#findingCounts.set(id, { rule, code, count: 1 });
  }

  tableName(index: number): string {
    return this.tables[index] ?? '';
  }

  get refusals(): RefusalCount[] {
    return [...this.#refusalCounts.values()].sort((a, b) => b.count - a.count);
  }

  get findings(): FindingCount[] {
    return [...this.#findingCounts.values()].sort((a, b) => b.count - a.count);
  }

  close(): void {
    this.#rejections.close();
    this.#findings.close();
  }
}

/** Written in pieces as it grows; never held in memory. */
class CsvFile {
  readonly #file: number;
  #pending: string;

  constructor(path: string, header: readonly string[]) {
    this.#file = openSync(path, 'w', 0o600);
    this.#pending = `\ufeff${csvLine(header)}`;
  }

  write(cells: readonly string[]): void {
    this.#pending += csvLine(cells);
    if (this.#pending.length > 64 * 1024) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    writeSync(this.#file, this.#pending);
    this.#pending = '';
  }
}

const csvLine = (cells: readonly string[]) => `${cells.map(quoted).join(',')}\r\n`;

/** Spreadsheets take a text that begins with = + - or @ for a formula and would run it: an apostrophe keeps it a text. */
function quoted(cell: string): string {
  const safe = /^[=+@\t\r]|^-(?![\d.,]+%?$)/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
