import { imports, type ImportKind } from '@fenxiao/contracts/imports';
import type { DomainError } from '@fenxiao/domain/domain-error';
import { bindCondition, bindField, columnOf, type BindingSite, type BoundField, type Find } from './binding.js';
import { fieldsOf, kinds, lineFields, type Field } from './fields.js';
import { filesLike, type SourceFile } from './files.js';
import type { FieldRule, FileEntry, Mapping } from './mapping.js';
import * as refusals from './refusals.js';
import { tablesOf, type Reading, type Table } from './table.js';

/** Mapping and files put together: what is read from where. Everything that does not fit is said at once. */

/** One table bound to the fields it gives. */
export interface Part {
  readonly table: Table;
  readonly fields: readonly BoundField[];
  /** whether a row is to be left out */
  readonly skip: (cells: readonly string[]) => boolean;
  /** indexes of columns in which an empty cell means "as above" */
  readonly fillDown: readonly number[];
  /** indexes of the columns whose different values are wanted once each */
  readonly distinct?: readonly number[] | undefined;
  /** index of the column that joins orders and their lines */
  readonly joinBy?: number | undefined;
  /** each row is a line of an order, too: its fields */
  readonly lineFields?: readonly BoundField[] | undefined;
}

export interface Step {
  readonly kind: ImportKind;
  readonly parts: readonly Part[];
  /** the lines of orders, where they are in tables of their own */
  readonly lineParts: readonly Part[];
}

export interface PlannedLookup {
  readonly table: Table;
  readonly key: number;
  readonly value: number;
}

export interface Plan {
  /** in the order in which kinds depend on each other */
  readonly steps: readonly Step[];
  readonly lookups: readonly PlannedLookup[];
  /** files and sheets that nothing is taken from */
  readonly unused: readonly string[];
}

interface Planning {
  readonly files: readonly SourceFile[];
  readonly workFolder: string;
  readonly dates: readonly string[];
  readonly problems: DomainError[];
  readonly lookups: Map<string, PlannedLookup>;
  readonly used: Set<string>;
  /** the value of a row of a lookup, by its key; filled before rows are read */
  readonly find: (lookup: PlannedLookup, key: string) => string | undefined;
}

/**
 * @param find how values are found in a lookup, once its table has been read
 * @throws CannotImport with all that is wrong
 */
export async function planImport(
  mapping: Mapping,
  files: readonly SourceFile[],
  workFolder: string,
  find: Planning['find'],
): Promise<Plan> {
  const planning: Planning = {
    files,
    workFolder,
    find,
    dates: mapping.dates,
    problems: [],
    lookups: new Map(),
    used: new Set<string>(),
  };
  const steps: Step[] = [];
  for (const [i, entry] of mapping.entries.entries()) {
    const where = `imports.${i}`;
    if ('rows' in entry) steps.push(inlineStep(entry.kind, entry.rows, where, planning));
    else steps.push(await fileStep(entry, where, planning));
  }
  if (planning.problems.length > 0) throw new refusals.CannotImport(planning.problems);
  steps.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
  return {
    steps,
    lookups: [...planning.lookups.values()],
    unused: files.map(({ name }) => name).filter((name) => !planning.used.has(name)),
  };
}

async function fileStep(entry: FileEntry, where: string, planning: Planning): Promise<Step> {
  const { kind, lines } = entry;
  const { problems, dates } = planning;
  const tables = await tablesLike(entry.file, entry.sheet, entry, where, planning);
  const parts: Part[] = [];
  const lineParts: Part[] = [];
  for (const table of tables) {
    const site = { where, kind, table, dates };
    const part = await bindPart(entry, fieldsOf(kind), site, planning);
    const distinct = entry.distinct?.map((column) => columnOf(column, site, problems) ?? 0);
    const joinBy = lines?.on && columnOf(lines.on.order, site, problems);
    const inRow =
      lines && !lines.file
        ? await bindPart(lines, lineFields, { ...site, where: `${where}.lines` }, planning)
        : undefined;
    if (kind === 'orders' && !lines) problems.push(missing('lines', site));
    parts.push({ ...part, distinct, joinBy, lineFields: inRow?.fields });
  }
  if (lines?.file)
    for (const table of await tablesLike(lines.file, lines.sheet, lines, `${where}.lines`, planning)) {
      const site = { where: `${where}.lines`, kind, table, dates };
      const part = await bindPart(lines, lineFields, site, planning);
      lineParts.push({ ...part, joinBy: columnOf(lines.on!.line, site, problems) });
    }
  return { kind, parts, lineParts };
}

/** The tables an entry means, one for each file that fits. */
async function tablesLike(
  pattern: string,
  sheet: string | undefined,
  reading: Reading,
  where: string,
  { files, workFolder, problems, used }: Planning,
): Promise<Table[]> {
  const fitting = filesLike(files, pattern);
  if (fitting.length === 0)
    problems.push(refusals.noSuchFile({ where, file: pattern, available: files.map(({ name }) => name).join(', ') }));
  const tables: Table[] = [];
  for (const file of fitting) {
    used.add(file.name);
    try {
      const [table] = await tablesOf(file, workFolder, reading, sheet);
      if (table) tables.push(table);
      else
        problems.push(
          refusals.noSuchFile({
            where,
            file: sheet ? `${file.name} [${sheet}]` : file.name,
            available: await sheetsIn(file, workFolder),
          }),
        );
    } catch (error) {
      if (!(error instanceof refusals.CannotImport)) throw error;
      problems.push(...error.reasons);
    }
  }
  return tables;
}

const sheetsIn = async (file: SourceFile, workFolder: string) =>
  (await tablesOf(file, workFolder)).map(({ name }) => name).join(', ') || '—';

type PartEntry = Pick<FileEntry, 'fields' | 'skip' | 'fillDown'>;

async function bindPart(
  { fields: rules, skip = [], fillDown = [] }: PartEntry,
  fields: readonly Field[],
  site: BindingSite,
  planning: Planning,
): Promise<Part> {
  const { problems } = planning;
  const { where, kind, table } = site;
  const bound: BoundField[] = [];
  for (const [name, rule] of Object.entries(rules)) {
    const field = fields.find((known) => known.name === name);
    if (!field) {
      const available = fields.map((known) => known.name).join(', ');
      problems.push(refusals.noSuchField({ where, kind, field: name, available }));
      continue;
    }
    const fieldSite = { ...site, where: `${where}.fields.${name}` };
    bound.push(bindField(field, rule, fieldSite, problems, await lookupOf(rule, fieldSite, planning)));
  }
  for (const { name, required } of fields)
    if (required && !Object.hasOwn(rules, name)) problems.push(missing(name, site));
  const conditions = skip.map((condition) => bindCondition(condition, site, problems));
  return {
    table,
    fields: bound,
    skip: (cells) => conditions.some((holds) => holds(cells)),
    fillDown: fillDown.map((column) => columnOf(column, site, problems) ?? 0),
  };
}

const missing = (field: string, { where, kind, table }: BindingSite) =>
  refusals.fieldNotMapped({ where, kind, field, file: table.name, available: table.header.join(', ') });

async function lookupOf({ lookup }: FieldRule, site: BindingSite, planning: Planning): Promise<Find | undefined> {
  if (!lookup) return undefined;
  const id = JSON.stringify(lookup);
  let planned = planning.lookups.get(id);
  if (!planned) {
    const [table] = await tablesLike(lookup.file, lookup.sheet, {}, site.where, planning);
    if (!table) return undefined;
    const inside = { ...site, table };
    const [key, value] = [lookup.key, lookup.value].map((column) => columnOf(column, inside, planning.problems) ?? 0);
    planned = { table, key: key!, value: value! };
    planning.lookups.set(id, planned);
  }
  const of = planned;
  return (key) => planning.find(of, key);
}

/** Rows written in the mapping file itself: a table whose columns are the fields. */
function inlineStep(
  kind: ImportKind,
  rows: readonly Record<string, string>[],
  where: string,
  planning: Planning,
): Step {
  const header = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const table: Table = {
    file: { name: where, path: '' },
    name: where,
    header,
    headerLine: 0,
    sheet: undefined,
    encoding: undefined,
    delimiter: undefined,
    async *rows() {
      for (const [i, row] of rows.entries()) yield { line: i + 1, cells: header.map((name) => row[name] ?? '') };
    },
  };
  const site = { where, kind, table, dates: planning.dates };
  const known = Object.keys(imports[kind].row.shape);
  const fields = fieldsOf(kind);
  const bound = header.flatMap((name) => {
    const field = fields.find((one) => one.name === name);
    if (field) return [bindField(field, { column: [name] }, site, planning.problems, undefined)];
    planning.problems.push(refusals.noSuchField({ where, kind, field: name, available: known.join(', ') }));
    return [];
  });
  for (const { name, required } of fields)
    if (required && !header.includes(name)) planning.problems.push(missing(name, site));
  return { kind, parts: [{ table, fields: bound, skip: () => false, fillDown: [] }], lineParts: [] };
}
