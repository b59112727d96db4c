import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DomainError } from '@fenxiao/domain/domain-error';
import { parse, type CsvError } from 'csv-parse';
import { bytesOf, contentOf, type SourceFile } from './files.js';
import { CannotImport, quoteNotClosed, tooManyCells, unreadable } from './refusals.js';
import { decoded, encodingOf, type Encoding } from './text.js';
import { openWorkbook } from './xlsx.js';

/** One table of a file: a CSV file, or a sheet of a workbook. */
export interface Table {
  readonly file: SourceFile;
  readonly sheet: string | undefined;
  /** the file's name, and the sheet's where it has several */
  readonly name: string;
  readonly header: readonly string[];
  readonly headerLine: number;
  readonly encoding: Encoding | undefined;
  readonly delimiter: string | undefined;
  /** The rows below the header, blank ones left out. May be read again and again. */
  rows(): AsyncGenerator<TableRow>;
}

export interface TableRow {
  /** where the row begins in the file, from 1 */
  readonly line: number;
  readonly cells: readonly string[];
  /** why it can't be read */
  readonly refusal?: DomainError;
}

/** What a mapping may say about how to read a file. */
export interface Reading {
  readonly encoding?: Encoding | undefined;
  readonly delimiter?: string | undefined;
  readonly headerLine?: number | undefined;
}

/** A record longer than this is a quotation mark that nobody closed. */
const mostRecordBytes = 1024 * 1024;

/**
 * The tables of a file, with their headers read.
 * @param sheet the one wanted; absent: all that are not hidden
 * @throws CannotImport when the file is not what it says
 */
export async function tablesOf(
  file: SourceFile,
  workFolder: string,
  reading: Reading = {},
  sheet?: string,
): Promise<Table[]> {
  try {
    const content = await contentOf(file);
    if (content === 'old-workbook') throw new Error('.xls (Excel 97-2003): save it as .xlsx');
    if (content === 'workbook') return await sheetsOf(file, workFolder, reading, sheet);
    const encoding = reading.encoding ?? (await encodingOf(bytesOf(file, content)));
    const open = () => decoded(bytesOf(file, content), encoding);
    const delimiter = reading.delimiter ?? (await delimiterOf(open(), file.name));
    const raw = () => records(open(), delimiter);
    const found = await headerOf(raw(), reading.headerLine);
    return found
      ? [{ file, sheet: undefined, name: file.name, encoding, delimiter, ...found, rows: () => below(raw(), found) }]
      : [];
  } catch (error) {
    if (error instanceof CannotImport) throw error;
    throw new CannotImport([unreadable({ file: file.name, detail: (error as Error).message })]);
  }
}

async function sheetsOf(file: SourceFile, workFolder: string, reading: Reading, wanted?: string): Promise<Table[]> {
  const book = await openWorkbook(file.path, workFolder);
  const name = wanted?.normalize('NFC');
  const chosen = book.sheets.filter((sheet) => (name === undefined ? !sheet.hidden : sheet.name === name));
  const tables: Table[] = [];
  for (const { name: sheet } of chosen) {
    const found = await headerOf(book.rows(sheet), reading.headerLine);
    if (!found) continue;
    const title = book.sheets.length > 1 ? `${file.name} [${sheet}]` : file.name;
    // opened anew for each reading: tables are read one after the other, and none is left open
    const rows = async function* () {
      const again = await openWorkbook(file.path, workFolder);
      try {
        yield* below(again.rows(sheet), found);
      } finally {
        again.close();
      }
    };
    tables.push({ file, sheet, name: title, encoding: undefined, delimiter: undefined, ...found, rows });
  }
  book.close();
  return tables;
}

/** The first row with two cells or more, past a title above it; or the line that the mapping names. */
async function headerOf(rows: AsyncIterable<TableRow>, line: number | undefined) {
  let first: TableRow | undefined;
  for await (const row of rows) {
    if (line !== undefined ? row.line >= line : row.cells.filter((cell) => cell.trim() !== '').length > 1)
      return asHeader(row);
    first ??= row;
    if (row.line > 50 && line === undefined) break;
  }
  return first && line === undefined ? asHeader(first) : undefined;
}

const asHeader = ({ line, cells }: TableRow) => ({
  header: cells.map((cell) => cell.normalize('NFC').replace(/\s+/g, ' ').trim()),
  headerLine: line,
});

async function* below(
  rows: AsyncIterable<TableRow>,
  { header, headerLine }: { header: readonly string[]; headerLine: number },
) {
  for await (const row of rows) {
    if (row.line <= headerLine) continue;
    if (row.cells.length > header.length && row.cells.slice(header.length).some((cell) => cell.trim() !== ''))
      yield { ...row, refusal: tooManyCells({ found: row.cells.length, expected: header.length }) };
    else yield row;
  }
}

/** What parts the cells of the first lines best. */
async function delimiterOf(text: AsyncIterable<string>, name: string): Promise<string> {
  let sample = '';
  for await (const chunk of text) {
    sample += chunk;
    if (sample.length > 10_000) break;
  }
  const unquoted = sample.slice(0, 10_000).replace(/"(?:[^"]|"")*"/g, '');
  const candidates = /\.tsv/i.test(name) ? ['\t', ',', ';'] : [',', '\t', ';'];
  const count = (of: string) => unquoted.split(of).length;
  return candidates.reduce((best, next) => (count(next) > count(best) ? next : best));
}

/** The records of a CSV text that are not blank, each with the line on which it begins. */
async function* records(text: AsyncIterable<string>, delimiter: string): AsyncGenerator<TableRow> {
  const parser = parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    relax_quotes: true,
    skip_records_with_error: true,
    max_record_size: mostRecordBytes,
    bom: true,
  });
  let broken: CsvError | undefined;
  parser.on('skip', (error) => (broken ??= error));
  const feeding = pipeline(Readable.from(text), parser).catch(() => undefined);
  let line = 1;
  let count = 0;
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      // the parser is ahead of us: what it read before the trouble is still good
      if (broken && count >= (broken as CsvError & { records: number }).records) break;
      const begin = line;
      count += 1;
      line += 1;
      for (const cell of cells) if (/[\r\n]/.test(cell)) line += cell.match(/\r\n|[\r\n]/g)!.length;
      if (cells.some((cell) => cell.trim() !== '')) yield { line: begin, cells };
    }
  } finally {
    parser.destroy();
    await feeding;
  }
  if (broken) yield { line, cells: [], refusal: quoteNotClosed() };
}
