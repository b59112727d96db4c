import { amountInWords } from '@fenxiao/domain/amount-in-words';
import { isTerm, label, type Language } from '@fenxiao/domain/dictionary';
import { Money } from '@fenxiao/domain/money';
import type { EventContract } from '@fenxiao/contracts/event';
import type { Role } from '@fenxiao/contracts/roles';
import type { Decision, Move, Procedure } from '@fenxiao/procedures/procedure';
import { z } from 'zod';

/** What a printed page says, from a procedure's declaration and a subject as its reader sees it. No layout. */
export interface PageContent {
  readonly title: string;
  readonly number?: string;
  readonly copies: readonly string[];
  readonly fields: readonly Cell[];
  readonly tables: readonly Table[];
  readonly total?: { readonly label: string; readonly words?: string; readonly amount: string };
  readonly approvals: Table | undefined;
  readonly sign: readonly string[];
}
export interface Cell {
  readonly label: string;
  readonly text: string;
  /** a number: set to the right */
  readonly figure?: boolean;
}
export interface Table {
  readonly label: string;
  readonly columns: readonly Omit<Cell, 'text'>[];
  readonly rows: readonly (readonly string[])[];
}

export interface PageContext {
  readonly language: Language;
  readonly currency: string;
  /** an instant as the business time zone has it */
  readonly time: (instant: Date) => string;
  /** what people call the things that ids stand for */
  readonly names: ReadonlyMap<string, string>;
  readonly approvals: readonly Decision[];
}

type Body = Readonly<Record<string, unknown>>;

/** Fields that have a place of their own on the page, or none. */
const elsewhere = new Set(['id', 'moves', 'number', 'version', 'approvals', 'createdAt', 'enteredAt', 'createdBy']);

export function contentOf(procedure: Procedure, body: Body, context: PageContext): PageContent {
  const { language, approvals } = context;
  const { title, fields, columns = {}, sign, copies = [], total } = procedure.page ?? {};
  const flat = withForm(body);
  const names = (fields ?? Object.keys(flat)).filter((name) => !elsewhere.has(name) && flat[name] !== undefined);
  const isTable = (name: string) => rowsOf(flat[name]) !== undefined;
  const word = (term: string) => label(term, 'page')[language];
  const write = writer(procedure, context);
  const number = flat['number'];
  return {
    title: title ? word(title) : label(procedure.name)[language],
    ...(typeof number === 'string' ? { number } : {}),
    copies: copies.map(word),
    fields: names.filter((name) => !isTable(name)).flatMap((name) => write.cell(name, flat[name]) ?? []),
    tables: names.filter(isTable).map((name) => write.table(name, rowsOf(flat[name])!, columns[name])),
    ...totalOf(flat, total, write, context),
    approvals: approvals.length > 0 ? approvalTable(approvals, context) : undefined,
    sign: (sign ?? signersOf(procedure)).map((role) => label(role)[language]),
  };
}

/** A form-with-states keeps its fields in one object. */
function withForm({ form, ...rest }: Body): Body {
  return form && typeof form === 'object' ? { ...rest, ...form } : rest;
}

function rowsOf(value: unknown): readonly Body[] | undefined {
  const rows = Array.isArray(value) && value.length > 0 && value.every((row) => typeof row === 'object' && row);
  return rows ? (value as Body[]) : undefined;
}

/** How values are written: figures, dates, terms, and the names of what ids stand for. */
function writer(procedure: Procedure, { language, names, time }: PageContext) {
  const kinds = kindsOf(procedure);
  const nameOf = (field: string) => (isTerm(field, procedure.name) ? label(field, procedure.name)[language] : field);
  const text = (field: string, value: unknown): string => {
    const kind = kinds.get(field);
    if (value === null || value === undefined) return '';
    if (typeof value === 'boolean') return label(value ? 'yes' : 'no', 'page')[language];
    if (value instanceof Date) return time(value);
    if (value instanceof Money || (kind?.money && isDecimal(value))) return grouped(plainly(value));
    if (Array.isArray(value)) return value.map((item) => text(field, item)).join(language === 'zh' ? '、' : ', ');
    if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
      return Object.entries(value)
        .map(([key, part]) => `${nameOf(key)}: ${text(key, part)}`)
        .join('; ');
    const plain = plainly(value);
    if (kind?.values.has(plain) && isTerm(plain, procedure.name)) return label(plain, procedure.name)[language];
    if (field === 'state' && isTerm(plain, procedure.name)) return label(plain, procedure.name)[language];
    if (kind?.instant && !Number.isNaN(Date.parse(plain))) return time(new Date(plain));
    return isId(plain) && isReference(field) ? (names.get(plain) ?? '') : plain;
  };
  const figure = (field: string, value: unknown) => kinds.get(field)?.figure === true || isFigure(value);
  return {
    text,
    nameOf,
    /** nothing for what can't be read: an id that stands for nothing known, or what is empty */
    cell: (field: string, value: unknown): Cell | undefined => {
      const written = text(field, value);
      return written === '' ? undefined : { label: nameOf(field), text: written, figure: figure(field, value) };
    },
    table: (field: string, rows: readonly Body[], columns?: readonly string[]): Table => {
      const shown = (columns ?? [...new Set(rows.flatMap((row) => Object.keys(row)))]).filter((column) =>
        rows.some((row) => text(column, row[column]) !== ''),
      );
      return {
        label: nameOf(field),
        columns: shown.map((column) => ({
          label: nameOf(column),
          figure: rows.every((row) => row[column] === undefined || figure(column, row[column])),
        })),
        rows: rows.map((row) => shown.map((column) => text(column, row[column]))),
      };
    },
  };
}

function totalOf(flat: Body, declared: string | undefined, write: ReturnType<typeof writer>, context: PageContext) {
  const field = declared ?? ['gross', 'amount'].find((name) => flat[name] !== undefined && flat[name] !== null);
  const value = field === undefined ? undefined : flat[field];
  if (field === undefined || value === undefined || value === null || !isDecimal(value)) return {};
  const amount = `${context.currency} ${write.text(field, value)}`;
  const words = context.currency === 'CNY' ? { words: `人民币${amountInWords(Money.of(plainly(value)))}` } : {};
  return { total: { label: write.nameOf(field), amount, ...words } };
}

function approvalTable(approvals: readonly Decision[], { language, names, time }: PageContext): Table {
  const word = (term: string) => label(term, 'page')[language];
  const term = (key: string) => (isTerm(key) ? label(key)[language] : key);
  return {
    label: word('approvals'),
    columns: ['step', 'role', 'person', 'outcome', 'time', 'opinion'].map((column) => ({ label: word(column) })),
    rows: approvals.map(({ step, role, person, outcome, at, reason = '' }) => [
      term(step),
      term(role),
      names.get(person) ?? '',
      term(outcome),
      time(new Date(at)),
      reason,
    ]),
  };
}

/** The maker, then whoever approves; four at most have room. */
function signersOf({ start, moves }: Procedure): Role[] {
  const approving = Object.values<Move>(moves).flatMap(({ decides, by }) => (decides ? Object.keys(by) : []));
  const roles = [...Object.keys(start.by).slice(0, 1), ...approving] as Role[];
  return [...new Set(roles)].filter((role) => role !== 'system').slice(0, 4);
}

interface Kind {
  figure?: boolean;
  money?: boolean;
  instant?: boolean;
  readonly values: Set<string>;
}
const known = new WeakMap<Procedure, Map<string, Kind>>();

/** What the fields of a procedure hold, by name: as its forms and events declare them. */
function kindsOf(procedure: Procedure): Map<string, Kind> {
  const kinds = known.get(procedure) ?? new Map<string, Kind>();
  if (known.has(procedure)) return kinds;
  const forms = [procedure.start.form, ...Object.values<Move>(procedure.moves).flatMap(({ form }) => form ?? [])];
  const facts = Object.values(procedure.events as unknown as Record<string, EventContract>).map(({ data }) => data);
  for (const schema of [...forms, ...facts]) collect(z.toJSONSchema(schema, { io: 'input' }) as Node, kinds);
  known.set(procedure, kinds);
  return kinds;
}

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Node[];
  readonly format?: string;
  readonly type?: string;
  readonly description?: string;
  readonly $defs?: Readonly<Record<string, Node>>;
  readonly $ref?: string;
}
function collect(root: Node, kinds: Map<string, Kind>): void {
  const resolve = (node: Node): Node => (node.$ref ? (root.$defs?.[node.$ref.split('/').at(-1)!] ?? {}) : node);
  const visit = (node: Node): void => {
    for (const [field, of] of Object.entries(node.properties ?? {})) {
      const kind: Kind = kinds.get(field) ?? { values: new Set() };
      kinds.set(field, kind);
      const options = [resolve(of), ...(of.anyOf ?? []).map(resolve)];
      for (const one of options.flatMap((option) => [option, resolve(option.items ?? {})])) {
        if (one.format === 'decimal' || one.type === 'integer' || one.type === 'number') kind.figure = true;
        if (one.description?.startsWith('Money')) kind.money = true;
        if (one.format === 'date-time') kind.instant = true;
        for (const value of one.enum ?? []) kind.values.add(plainly(value));
        visit(one);
      }
    }
  };
  visit(root);
}

/** What the domain's numbers write of themselves; a text is itself. */
const plainly = (value: unknown) => (value as string | number | Money).toString();
const isId = (text: string) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(text);
const isDecimal = (value: unknown) => /^-?\d+(\.\d{1,2})?$/.test(plainly(value));
const isFigure = (value: unknown) =>
  typeof value === 'number' ||
  (typeof value === 'object' && value !== null && 'toJSON' in value && !(value instanceof Date));
/** `1234567.80` → `1,234,567.80` */
const grouped = (decimal: string) => decimal.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ',');

/** By its name, as in the filters of a list: what people write into a text stands for nothing. */
const isReference = (field: string) =>
  field.endsWith('Id') || ['region', 'createdBy', 'owner', 'parent'].includes(field);

/** Every id on a page that stands for something: what `names` is asked for. */
export function idsOn(value: unknown, field = ''): string[] {
  if (typeof value === 'string') return isId(value) && isReference(field) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((item) => idsOn(item, field));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => idsOn(part, name));
}
