import { imports, type ImportKind } from '@fenxiao/contracts/imports';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { badMapping, CannotImport } from './refusals.js';
import { isEncoding } from './text.js';
import { isDateFormat, readDecimal } from './values.js';

/** The mapping file: which columns of which file become which fields. Every value is a text: YAML guesses no types here. */

const Text = z.string().min(1);
const Texts = z.union([Text.transform((text) => [text]), z.array(Text).min(1)]);
const Whole = z.string().regex(/^\d+$/, 'a whole number').transform(Number);
const Exact = z.string().refine((text) => isNumber(text), 'a number');
const Flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const DateFormats = Texts.refine((all) => all.every(isDateFormat), 'YYYY, MM or M, DD or D in any order, or excel');

/** Which rows: the column is empty or not, or has one of these values, or none of them. */
const Condition = z.strictObject({
  column: Text,
  empty: Flag.optional(),
  in: Texts.optional(),
  notIn: Texts.optional(),
});
export type Condition = z.infer<typeof Condition>;

const Lookup = z.strictObject({
  file: Text,
  sheet: Text.optional(),
  /** column in which the value is looked for, and the column to be taken from that row */
  key: Text,
  value: Text,
});

const FieldRule = z
  .strictObject({
    /** one column, or several of which the first that is not empty counts */
    column: Texts.optional(),
    /** `{FirstName} {LastName}` */
    template: Text.optional(),
    constant: Text.optional(),
    /** for an empty cell */
    default: Text.optional(),
    /** texts to replace by others, before anything else */
    replace: z.record(z.string(), z.string()).optional(),
    map: z.record(z.string(), z.string()).optional(),
    /** for a value that the map does not have; `keep` takes it as it is */
    otherwise: z.string().optional(),
    lookup: Lookup.optional(),
    dates: DateFormats.optional(),
    /** the number is to be multiplied by it: `10000` for 万元 */
    factor: Exact.optional(),
    /** 0.15 is meant as 15 % */
    ratio: Flag.optional(),
    /** decimals to round to, half-up */
    round: Whole.optional(),
    /** between several values in one cell */
    separator: Text.optional(),
    /** the field is left out where this does not hold */
    when: Condition.optional(),
  })
  .refine(
    ({ column, template, constant }) =>
      [column, template, constant].filter((given) => given !== undefined).length === 1,
    'one of column, template and constant is needed',
  );
const FieldEntry = z.union([Text.transform((column): FieldRule => ({ column: [column] })), FieldRule]);
export type FieldRule = z.infer<typeof FieldRule>;
const Fields = z.record(z.string(), FieldEntry);

const reading = {
  file: Text,
  /** of a workbook; absent: the first that is not hidden */
  sheet: Text.optional(),
  encoding: Text.refine(isEncoding, 'an encoding such as utf-8, gb18030, windows-1252').optional(),
  delimiter: Text.optional(),
  /** line of the column headers; absent: the first line with two cells or more */
  headerLine: Whole.optional(),
  /** rows left out: where any of these holds */
  skip: z.array(Condition).optional(),
  /** columns in which an empty cell means "as above" (merged cells) */
  fillDown: Texts.optional(),
};

const Lines = z.strictObject({
  ...reading,
  /** absent: each row of the orders' own file is a line, with its order's columns repeated */
  file: Text.optional(),
  /** the column with the order, named alike in both files or `{ order: 订单号, line: 单号 }` */
  on: z
    .union([Text.transform((both) => ({ order: both, line: both })), z.strictObject({ order: Text, line: Text })])
    .optional(),
  fields: Fields,
});

const Entry = z.union([
  z.strictObject({ kind: Text, rows: z.array(z.record(z.string(), z.string())).min(1) }),
  z.strictObject({
    kind: Text,
    ...reading,
    /** one row for each different value of these columns */
    distinct: Texts.optional(),
    fields: Fields,
    lines: Lines.optional(),
  }),
]);

const MappingFile = z.strictObject({ dates: DateFormats.optional(), imports: z.array(Entry).min(1) });
type WithKind<T> = T extends unknown ? Omit<T, 'kind'> & { kind: ImportKind } : never;
/** One entry: rows written in the mapping itself, or a file and its columns. */
export type MappingEntry = WithKind<z.infer<typeof Entry>>;
export type FileEntry = Extract<MappingEntry, { file: string }>;
export type LinesEntry = z.infer<typeof Lines>;
export interface Mapping {
  readonly dates: readonly string[];
  readonly entries: readonly MappingEntry[];
}

function isNumber(text: string): boolean {
  try {
    return readDecimal(text) !== undefined;
  } catch {
    return false;
  }
}

/** @throws CannotImport with everything in it that can be seen to be wrong without the files */
export function readMapping(yaml: string): Mapping {
  const document = parseDocument(yaml, { schema: 'failsafe', prettyErrors: true });
  if (document.errors.length > 0)
    throw new CannotImport(document.errors.map(({ message }) => badMapping({ where: 'YAML', detail: message })));
  const { success, data, error } = MappingFile.safeParse(document.toJS());
  if (!success) throw new CannotImport(error.issues.flatMap(issuesOf).map((issue) => badMapping(issue)));
  const unknown = data.imports.flatMap(({ kind }, i) =>
    Object.hasOwn(imports, kind)
      ? []
      : [badMapping({ where: `imports.${i}.kind`, detail: `${kind}: ${Object.keys(imports).join(', ')}` })],
  );
  const lines = data.imports.flatMap((entry, i) =>
    'lines' in entry && entry.lines && (entry.kind !== 'orders' || (entry.lines.file && !entry.lines.on))
      ? [badMapping({ where: `imports.${i}.lines`, detail: entry.kind === 'orders' ? 'on is needed' : 'orders only' })]
      : [],
  );
  if (unknown.length + lines.length > 0) throw new CannotImport([...unknown, ...lines]);
  return { dates: data.dates ?? [], entries: data.imports as MappingEntry[] };
}

/** Of a union only what is wrong with the member that was meant is of use: of the same type, and nearest to right. */
function issuesOf(issue: z.core.$ZodIssue): { where: string; detail: string }[] {
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const meant = issue.errors.filter(
      (of) => !of.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
    );
    const [first, ...others] = meant.length > 0 ? meant : issue.errors;
    const nearest = others.reduce((best, next) => (next.length < best.length ? next : best), first!);
    return nearest.flatMap((inner) => issuesOf({ ...inner, path: [...issue.path, ...inner.path] }));
  }
  return [{ where: issue.path.join('.') || '.', detail: issue.message }];
}
