import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { imports, type ImportKind } from '@fenxiao/contracts/imports';
import type { Demonstration } from './generate.js';

/** A file that was written. */
export interface WrittenFile {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
}

/**
 * Writes the demonstration as import files: a CSV a kind, UTF-8 with a byte order mark as Chinese spreadsheets want it,
 * headed by the names of the contract's fields, so that no mapping is needed; and `accounts.json`. Orders are two files,
 * since a spreadsheet has no lists: lines name the order's number.
 * @param folder made where it is missing
 */
export async function writeFiles({ rows, accounts }: Demonstration, folder: string): Promise<WrittenFile[]> {
  await mkdir(folder, { recursive: true });
  const lines = rows.orders.flatMap(({ number, lines }) => lines.map((line) => ({ orderNumber: number, ...line })));
  const tables = [
    ...(Object.keys(imports) as ImportKind[]).map((kind) => ({
      name: kind,
      fields: Object.keys(imports[kind].row.shape).filter((field) => field !== 'lines'),
      rows: rows[kind] as readonly object[],
    })),
    {
      name: 'order-lines',
      rows: lines as readonly object[],
      fields: ['orderNumber', ...Object.keys(imports.orders.row.shape.lines.element.shape)],
    },
  ];
  const written: WrittenFile[] = [];
  const write = async (name: string, text: string, count: number) => {
    await writeFile(join(folder, name), text);
    written.push({ name, rows: count, bytes: Buffer.byteLength(text) });
  };
  for (const { name, fields, rows } of tables) await write(`${name}.csv`, csv(fields, rows), rows.length);
  await write('accounts.json', `${JSON.stringify(accounts, null, 2)}\n`, accounts.length);
  return written;
}

/** RFC 4180; a list in a cell is parted by `;`. Columns that no row fills are left out. */
function csv(fields: readonly string[], rows: readonly object[]): string {
  const used = fields.filter((field) => rows.some((row) => field in row));
  const table = rows.map((row) =>
    used.map((field) => cell((row as Record<string, Parameters<typeof cell>[0]>)[field])).join(','),
  );
  return `\ufeff${[used.join(','), ...table].join('\r\n')}\r\n`;
}

function cell(value: string | number | boolean | readonly string[] = ''): string {
  const text = typeof value === 'object' ? value.join(';') : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
