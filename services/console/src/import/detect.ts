import type { ImportKind } from '@fenxiao/contracts/imports';
import { fieldsOf, kinds, lineFields, type Field } from './fields.js';
import type { SourceFile } from './files.js';
import type { FieldRule, Mapping, MappingEntry } from './mapping.js';
import { ambiguous, CannotImport, fieldNotMapped, nothingRecognised } from './refusals.js';
import { tablesOf, type Table } from './table.js';
import { kindWords, plainWord, wordsOf } from './words.js';

/** Without a mapping file: what each table is, by its headers in either language and by its name. */

/** Which column each field is in. */
type Match = Readonly<Record<string, FieldRule>>;

interface Guess {
  readonly kind: ImportKind;
  readonly fields: Match;
  /** of orders, where the rows are lines as well */
  readonly lines?: Match | undefined;
}

/**
 * The mapping that the headers amount to.
 * @throws CannotImport when no table is recognised, or one could be two things
 */
export async function detectMapping(files: readonly SourceFile[], workFolder: string): Promise<Mapping> {
  const tables: Table[] = [];
  for (const file of files) tables.push(...(await tablesOf(file, workFolder)));
  const entries: MappingEntry[] = [];
  const unclear: CannotImport[] = [];
  const linesOnly: { table: Table; on: string; fields: Match }[] = [];
  for (const table of tables) {
    try {
      const guess = guessOf(table);
      const lines = linesOf(table);
      if (guess) entries.push(entryOf(table, guess));
      else if (lines) linesOnly.push(lines);
      else refuseIncomplete(table);
    } catch (error) {
      if (!(error instanceof CannotImport)) throw error;
      unclear.push(error);
    }
  }
  if (unclear.length > 0) throw new CannotImport(unclear.flatMap(({ reasons }) => reasons));
  const [lines] = linesOnly;
  const mapped = entries.map((entry): MappingEntry => {
    if (entry.kind !== 'orders' || !('file' in entry) || entry.lines || !lines) return entry;
    const on = { order: entry.fields['number']!.column![0]!, line: lines.on };
    return { ...entry, lines: { ...sheetOf(lines.table), on, fields: lines.fields } };
  });
  if (mapped.length === 0) {
    const available = tables.map(({ name, header }) => `${name}: ${header.join(', ')}`).join('; ');
    throw new CannotImport([nothingRecognised({ available })]);
  }
  return { dates: [], entries: mapped };
}

const sheetOf = ({ file, sheet }: Table) => ({ file: file.name, ...(sheet === undefined ? {} : { sheet }) });

const entryOf = (table: Table, { kind, fields, lines }: Guess): MappingEntry => ({
  kind,
  ...sheetOf(table),
  fields,
  ...(lines ? { lines: { fields: lines } } : {}),
});

/** The kind that all needed fields are there for and whose fields fit the most columns; its name decides where several do. */
function guessOf(table: Table): Guess | undefined {
  const guesses = kinds.flatMap((kind): Guess[] => {
    const fields = match(table, kind, fieldsOf(kind));
    if (!fields) return [];
    const lines = kind === 'orders' ? match(table, kind, lineFields, true) : undefined;
    return [{ kind, fields, lines }];
  });
  const name = namesOf(table).join('');
  const named = guesses.filter(({ kind }) => namesOfKind(kind).some((word) => name.includes(word)));
  const size = ({ fields, lines }: Guess) => Object.keys(fields).length + Object.keys(lines ?? {}).length;
  const candidates = named.length > 0 ? named : guesses;
  const most = Math.max(...candidates.map(size));
  const best = candidates.filter((guess) => size(guess) === most);
  if (best.length > 1)
    throw new CannotImport([ambiguous({ file: table.name, kinds: best.map(({ kind }) => kind).join(', ') })]);
  return best[0];
}

const namesOf = ({ sheet = '', file }: Table) => [sheet, file.name.replace(/\.\w+(\.gz)?$/, '')].map(plainWord);
const namesOfKind = (kind: ImportKind) => [kind, ...kindWords[kind]].map(plainWord);

/**
 * Nobody should find out later that a table was left out for one missing column.
 * @throws CannotImport when the table has the name of a kind, and so is not there by accident
 */
function refuseIncomplete(table: Table): void {
  const kind = kinds.find((one) => namesOf(table).some((name) => namesOfKind(one).includes(name)));
  if (!kind) return;
  const found = columnsOf(table, kind, fieldsOf(kind));
  const { name: file, header } = table;
  const reasons = lackedBy(found, fieldsOf(kind)).map((field) =>
    fieldNotMapped({ where: file, kind, field, file, available: header.join(', ') }),
  );
  throw new CannotImport(reasons);
}

const orderNumber = fieldsOf('orders').filter(({ name }) => name === 'number');

/** Lines of orders that are in a table of their own. */
function linesOf(table: Table): { table: Table; on: string; fields: Match } | undefined {
  const fields = match(table, 'orders', lineFields, true);
  const on = match(table, 'orders', orderNumber)?.['number']?.column?.[0];
  return fields && on ? { table, on, fields } : undefined;
}

/** The columns of the fields, if there is one for each that is needed. */
function match(table: Table, kind: ImportKind, fields: readonly Field[], lines = false): Match | undefined {
  const found = columnsOf(table, kind, fields, lines);
  return lackedBy(found, fields).length === 0 ? found : undefined;
}

const lackedBy = (found: Match, fields: readonly Field[]) =>
  fields.filter(({ name, required }) => required && !found[name]).map(({ name }) => name);

/** The columns of those fields that have one. A column is given to one field only. */
function columnsOf({ header }: Table, kind: ImportKind, fields: readonly Field[], lines = false): Match {
  const words = fields.map(({ name }) => wordsOf(kind, name, lines));
  const plain = header.map(plainWord);
  const taken = new Set<number>();
  const found: Record<string, FieldRule> = {};
  const mostWords = Math.max(...words.map(({ length }) => length));
  // The likeliest word of every field comes before the second of any.
  for (let rank = 0; rank < mostWords; rank++)
    for (const [i, { name }] of fields.entries()) {
      const word = words[i]![rank];
      const column =
        word === undefined || found[name] ? -1 : plain.findIndex((head, at) => head === word && !taken.has(at));
      if (column < 0) continue;
      taken.add(column);
      found[name] = { column: [header[column]!] };
    }
  return found;
}
