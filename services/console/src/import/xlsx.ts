import { join, posix } from 'node:path';
import type { Readable } from 'node:stream';
import { SaxesParser } from 'saxes';
import { SharedStrings } from './shared-strings.js';
import { decimalText, numberText, readDecimal, serialDate, times } from './values.js';
import { entriesOf, openEntry, openZip, type ZipEntry } from './zip.js';

/**
 * Reads .xlsx files (ECMA-376) row by row, whatever their size, in the order and with the texts people see: dates as
 * dates, percentages with their sign, results of formulas. Own code over yauzl and saxes, since the reader of exceljs
 * 4.4.0 waits for ever on a file that breaks off, and keeps all texts of a workbook in memory.
 */
export interface Workbook {
  readonly sheets: readonly { readonly name: string; readonly hidden: boolean }[];
  /** Rows with at least one cell; `line` is the row's number in the sheet. */
  rows(sheet: string): AsyncGenerator<{ line: number; cells: string[] }>;
  close(): void;
}

type Attributes = Readonly<Record<string, string>>;
interface Handlers {
  open(name: string, attributes: Attributes): void;
  close?(name: string): void;
  text?(text: string): void;
}

/** @param workFolder where the texts of a large workbook are kept meanwhile */
export async function openWorkbook(path: string, workFolder: string): Promise<Workbook> {
  const zip = await openZip(path);
  try {
    const parts = new Map((await entriesOf(zip)).map((entry) => [entry.name, entry]));
    const open = async (name: string): Promise<Readable | undefined> => {
      const part = parts.get(name);
      return part && openEntry(zip, within(part));
    };
    const main = (await relations(await open('_rels/.rels'), '')).find(({ type }) => type === 'officeDocument')?.target;
    const book = main ?? 'xl/workbook.xml';
    const related = await relations(await open(relationsOf(book)), posix.dirname(book));
    const { sheets, from1904 } = await readBook(await open(book));
    const target = (wanted: string) => related.find(({ type }) => type === wanted)?.target ?? '';
    const styles = await readStyles(await open(target('styles')));
    const strings = new SharedStrings(join(workFolder, `${crypto.randomUUID()}-texts`));
    let ready: Promise<void> | undefined;
    return {
      sheets,
      async *rows(sheet) {
        const id = sheets.find(({ name }) => name === sheet)?.id;
        const part = await open(related.find((relation) => relation.id === id)?.target ?? '');
        if (!part) throw new Error(`there is no sheet ${sheet}`);
        ready ??= readStrings(await open(target('sharedStrings')), strings);
        await ready;
        yield* readRows(part, (cell) => textOf(cell, strings, styles, from1904));
      },
      close: () => {
        strings.close();
        zip.close();
      },
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

const mostPartBytes = 4 * 1024 ** 3;

function within(part: ZipEntry): ZipEntry {
  if (part.size > mostPartBytes) throw new Error(`${part.name} has ${part.size} bytes once unpacked`);
  return part;
}

/** Parses a part chunk by chunk, handing on what the handlers emitted meanwhile. Prefixes of names are left away. */
async function* parsed<T>(part: Readable, handlersFor: (emit: (item: T) => void) => Handlers): AsyncGenerator<T> {
  const parser = new SaxesParser({ position: false });
  let items: T[] = [];
  const handlers = handlersFor((item) => items.push(item));
  const local = (name: string) => name.slice(name.indexOf(':') + 1);
  parser.on('opentag', ({ name, attributes }) => handlers.open(local(name), attributes as Attributes));
  parser.on('closetag', ({ name }) => handlers.close?.(local(name)));
  parser.on('text', (text) => handlers.text?.(text));
  part.setEncoding('utf8');
  for await (const chunk of part as AsyncIterable<string>) {
    parser.write(chunk);
    yield* items;
    items = [];
  }
  parser.close();
  yield* items;
}

/** Reads all of a part; nothing when there is no such part. */
async function read(part: Readable | undefined, handlers: Handlers): Promise<void> {
  if (part) for await (const _ of parsed(part, () => handlers));
}

const relationsOf = (part: string) => `${posix.dirname(part)}/_rels/${posix.basename(part)}.rels`;

async function relations(part: Readable | undefined, folder: string) {
  const found: { id: string; type: string; target: string }[] = [];
  const open: Handlers['open'] = (name, { Id: id = '', Type: type = '', Target: target = '' }) => {
    if (name !== 'Relationship') return;
    const path = target.startsWith('/') ? target.slice(1) : posix.normalize(posix.join(folder, target));
    found.push({ id, type: type.slice(type.lastIndexOf('/') + 1), target: path });
  };
  await read(part, { open });
  return found;
}

async function readBook(part: Readable | undefined) {
  if (!part) throw new Error('not an .xlsx workbook');
  const sheets: { name: string; hidden: boolean; id: string }[] = [];
  let from1904 = false;
  await read(part, {
    open: (name, attributes) => {
      if (name === 'workbookPr') from1904 = ['1', 'true'].includes(attributes['date1904'] ?? '');
      if (name !== 'sheet') return;
      const id = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1] ?? '';
      const hidden = (attributes['state'] ?? 'visible') !== 'visible';
      sheets.push({ name: (attributes['name'] ?? '').normalize('NFC'), hidden, id });
    },
  });
  return { sheets, from1904 };
}

type Style = 'plain' | 'date' | 'percent' | { digits: number };

/** What the number formats of a workbook's cells mean, by the index that cells have. */
async function readStyles(part: Readable | undefined): Promise<Style[]> {
  const formats = new Map<string, string>();
  const styles: Style[] = [];
  let inCells = false;
  await read(part, {
    open: (name, { numFmtId: id = '0', formatCode = '' }) => {
      if (name === 'numFmt') formats.set(id, formatCode);
      else if (name === 'cellXfs') inCells = true;
      else if (name === 'xf' && inCells) styles.push(styleOf(Number(id), formats.get(id)));
    },
    close: (name) => {
      if (name === 'cellXfs') inCells = false;
    },
  });
  return styles;
}

/** Built-in formats that are dates, those of Chinese and other East Asian versions included (ECMA-376 part 1, 18.8.30). */
const isBuiltInDate = (id: number) =>
  (id >= 14 && id <= 17) || id === 22 || (id >= 27 && id <= 31) || (id >= 50 && id <= 58) || id === 36;

function styleOf(id: number, format: string | undefined): Style {
  if (format === undefined) return isBuiltInDate(id) ? 'date' : id === 9 || id === 10 ? 'percent' : 'plain';
  if (/^0{2,}$/.test(format)) return { digits: format.length };
  // what is quoted, escaped or in brackets (colours, languages) is no placeholder
  const bare = format
    .replace(/"[^"]*"|\\.|_.|\*.|\[[^\]]*\]/g, '')
    .split(';')[0]!
    .replace(/s\.0+/gi, 's');
  if (bare.includes('%')) return 'percent';
  return /[yde]/i.test(bare) && !/general/i.test(bare) && !/[#0?]/.test(bare) ? 'date' : 'plain';
}

async function readStrings(part: Readable | undefined, strings: SharedStrings): Promise<void> {
  let text = '';
  let inText = false;
  let inPhonetic = false;
  await read(part, {
    open: (name) => {
      if (name === 'si') text = '';
      else if (name === 't') inText = !inPhonetic;
      else if (name === 'rPh') inPhonetic = true;
    },
    text: (piece) => {
      if (inText) text += piece;
    },
    close: (name) => {
      if (name === 'si') strings.add(unescaped(text));
      else if (name === 't') inText = false;
      else if (name === 'rPh') inPhonetic = false;
    },
  });
}

interface Cell {
  type: string;
  style: number;
  text: string;
}

async function* readRows(part: Readable, textOf: (cell: Cell) => string) {
  yield* parsed<{ line: number; cells: string[] }>(part, (emit) => {
    let line = 0;
    let cells: string[] = [];
    let column = 0;
    let cell: Cell | undefined;
    let inValue = false;
    let inPhonetic = false;
    return {
      open: (name, { r = '', t = 'n', s = '0' }) => {
        if (name === 'row') [line, cells, column] = [Number(r) || line + 1, [], 0];
        else if (name === 'c') {
          column = columnOf(r) ?? column + 1;
          cell = { type: t, style: Number(s), text: '' };
        } else if (name === 'rPh') inPhonetic = true;
        else if (name === 'v' || name === 't') inValue = cell !== undefined && !inPhonetic;
      },
      text: (piece) => {
        if (inValue) cell!.text += piece;
      },
      close: (name) => {
        if (name === 'v' || name === 't') inValue = false;
        else if (name === 'rPh') inPhonetic = false;
        else if (name === 'c') {
          while (cells.length < column - 1) cells.push('');
          cells[column - 1] = textOf(cell!);
          cell = undefined;
        } else if (name === 'row' && cells.some((text) => text !== '')) emit({ line, cells });
      },
    };
  });
}

/** `AB12` is column 28; sheets have 16,384 at most. */
function columnOf(reference: string): number | undefined {
  const letters = /^[A-Z]{1,3}(?=\d)/.exec(reference)?.[0];
  if (letters === undefined) return undefined;
  const column = [...letters].reduce((n, letter) => n * 26 + letter.charCodeAt(0) - 64, 0);
  return Math.min(16_384, column);
}

function textOf(
  { type, style, text }: Cell,
  strings: SharedStrings,
  styles: readonly Style[],
  from1904: boolean,
): string {
  if (text === '') return '';
  if (type === 's') return strings.get(Number(text));
  if (type === 'b') return text === '1' ? 'TRUE' : 'FALSE';
  if (type === 'inlineStr' || type === 'str') return unescaped(text);
  if (type !== 'n') return text; // an error such as #N/A, or a date in ISO 8601
  const number = Number(text);
  if (!Number.isFinite(number)) return text;
  const shown = styles[style] ?? 'plain';
  if (shown === 'date' && number >= 0) return dateText(number + (from1904 ? 1462 : 0));
  const plain = numberText(number);
  if (shown === 'percent') return `${decimalText(times(readDecimal(plain), hundred), Infinity)}%`;
  return typeof shown === 'object' && /^\d+$/.test(plain) ? plain.padStart(shown.digits, '0') : plain;
}

const hundred = { units: 100n, scale: 0 };

function dateText(serial: number): string {
  const seconds = Math.round((serial % 1) * 86_400);
  if (seconds === 0 || seconds === 86_400) return serialDate(Math.round(serial));
  return `${serialDate(serial)} ${new Date(seconds * 1000).toISOString().slice(11, 19)}`;
}

/** `_x000D_` stands for a character that XML can't hold. */
const unescaped = (text: string) =>
  text.includes('_x')
    ? text.replace(/_x([0-9A-F]{4})_/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text;
