import type { ImportKind } from '@fenxiao/contracts/imports';
import { DomainError } from '@fenxiao/domain/domain-error';
import type { Field } from './fields.js';
import type { Condition, FieldRule } from './mapping.js';
import * as refusals from './refusals.js';
import type { Origin } from './staging.js';
import type { Table } from './table.js';
import {
  decimalText,
  ordinaryWidth,
  readBoolean,
  readDate,
  readDecimal,
  readMinute,
  rounded,
  shown,
  times,
  type Decimal,
} from './values.js';
import { optionOf } from './words.js';

/** A mapping's rules bound to the columns of one table: from a row of cells to a row of the contract. */

/** What is wrong with one cell, or with the row (no column). */
export interface CellRefusal {
  readonly column: string;
  readonly value: string;
  readonly refusal: DomainError;
  /** of a line of an order: its own place */
  readonly origin?: Origin;
}

/** A value looked up in another table of the import. */
export type Find = (key: string) => string | undefined;

export interface BoundField {
  readonly field: Field;
  /** names of the columns it comes from; none for a constant */
  readonly columns: readonly string[];
  /** @throws DomainError */
  read(cells: readonly string[]): unknown;
}

export interface BindingSite {
  /** for messages: `imports.2 fields.orderedOn` */
  readonly where: string;
  readonly kind: ImportKind;
  readonly table: Table;
  readonly dates: readonly string[];
}

type Cells = readonly string[];
type Problems = DomainError[];
const place = /\{([^{}]+)\}/g;

/** What names of columns are compared by. */
const nameOf = (column: string) => column.normalize('NFKC').replace(/\s+/g, ' ').trim().toLowerCase();

/** The index of a column, or undefined with the reason added to the problems. */
export function columnOf(column: string, { where, table }: BindingSite, problems: Problems): number | undefined {
  const found = table.header.flatMap((name, i) => (nameOf(name) === nameOf(column) ? [i] : []));
  const site = { where, file: table.name, column };
  if (found.length === 0)
    problems.push(refusals.noSuchColumn({ ...site, available: table.header.filter((name) => name !== '').join(', ') }));
  if (found.length > 1) problems.push(refusals.columnTwice(site));
  return found.length === 1 ? found[0] : undefined;
}

/** Binds a condition on rows. */
export function bindCondition(condition: Condition, site: BindingSite, problems: Problems): (cells: Cells) => boolean {
  const column = columnOf(condition.column, site, problems) ?? 0;
  const { empty, in: wanted, notIn: unwanted } = condition;
  return (cells) => {
    const value = (cells[column] ?? '').trim();
    if (empty !== undefined && (value === '') !== empty) return false;
    if (wanted && !wanted.includes(value)) return false;
    return !unwanted?.includes(value);
  };
}

/**
 * Binds one field.
 * @param find where values are looked up, when the rule wants that
 */
export function bindField(
  field: Field,
  rule: FieldRule,
  site: BindingSite,
  problems: Problems,
  find: Find | undefined,
): BoundField {
  const source = sourceOf(rule, site, problems);
  const when = rule.when && bindCondition(rule.when, site, problems);
  const convert = converterOf(field, rule, site.dates);
  const mayBeBroken = site.table.encoding !== undefined && !/^utf-?8$/i.test(site.table.encoding);
  const read = (cells: Cells): unknown => {
    if (when && !when(cells)) return undefined;
    const text = source.text(cells) || rule.default || '';
    if (text === '') {
      if (field.required) throw refusals.empty();
      return undefined;
    }
    if (formulaErrors.has(text)) throw refusals.formulaError({ value: text });
    if (mayBeBroken && text.includes('\ufffd')) throw refusals.undecodable({ encoding: site.table.encoding ?? '' });
    return convert(translated(text, rule, find));
  };
  return { field, columns: source.columns, read };
}

const formulaErrors = new Set([
  '#N/A',
  '#REF!',
  '#VALUE!',
  '#NAME?',
  '#DIV/0!',
  '#NULL!',
  '#NUM!',
  '#SPILL!',
  '#CALC!',
]);

function sourceOf({ column, template, constant }: FieldRule, site: BindingSite, problems: Problems) {
  if (constant !== undefined) return { columns: [], text: () => constant };
  const columns = column ?? [...template!.matchAll(place)].map((match) => match[1]!);
  const at = new Map(columns.map((name) => [name, columnOf(name, site, problems) ?? 0]));
  const cell = (cells: Cells, name: string) => (cells[at.get(name)!] ?? '').trim();
  const names = [...at.values()].map((i) => site.table.header[i] ?? '');
  if (template === undefined)
    return {
      columns: names,
      text: (cells: Cells) => columns.map((name) => cell(cells, name)).find((text) => text !== '') ?? '',
    };
  const text = (cells: Cells) =>
    columns.some((name) => cell(cells, name) !== '')
      ? template.replace(place, (_, name: string) => cell(cells, name)).trim()
      : '';
  return { columns: names, text };
}

function translated(text: string, { replace, map, otherwise, lookup }: FieldRule, find: Find | undefined): string {
  let value = text;
  for (const [from, to] of Object.entries(replace ?? {})) value = value.replaceAll(from, to);
  if (lookup && find) {
    const found = find(value);
    if (found === undefined) throw refusals.notFound({ file: lookup.file, key: lookup.key, value: shown(value) });
    value = found;
  }
  if (!map) return value;
  const mapped = map[value] ?? (otherwise === 'keep' ? value : otherwise);
  if (mapped === undefined) throw refusals.notInMap({ value: shown(value) });
  return mapped;
}

function converterOf(field: Field, rule: FieldRule, dates: readonly string[]): (text: string) => unknown {
  const { type } = field;
  switch (type.is) {
    case 'text':
      return (text) => text.replace(/\s*[\r\n]+\s*/g, ' ').trim();
    case 'code':
      return readCode;
    case 'date':
      return (text) => readDate(text, rule.dates ?? dates);
    case 'minute':
      return (text) => readMinute(text, rule.dates ?? dates);
    case 'month':
      return (text) => `${readDate(text, rule.dates ?? dates, true).slice(0, 7)}-01`;
    case 'boolean':
      return readBoolean;
    case 'integer':
      return (text) => Number(decimalText(scaled(text, rule), 0));
    case 'decimal':
      return (text) => {
        const value = type.percent ? percent(text, rule) : scaled(text, rule);
        if (!type.signed && value.units < 0n) throw refusals.negative({ value: shown(text) });
        return decimalText(value, type.decimals);
      };
    case 'choice':
      return (text) => readOption(type.options, text);
    case 'choices':
      return (text) => partsOf(text, rule.separator).map((part) => readOption(type.options, part));
  }
}

function readCode(text: string): string {
  const code = ordinaryWidth(text);
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._/-]{0,63}$/u.test(code)) throw refusals.badCode({ value: shown(text) });
  return code;
}

function readOption(options: readonly string[], text: string): string {
  const found = options.includes(text) ? text : optionOf(options, text);
  if (found === undefined) throw refusals.notAChoice({ value: shown(text), options: options.join(', ') });
  return found;
}

const partsOf = (text: string, separator: string | undefined) =>
  (separator === undefined ? text.split(/[,;|、，；\n]/) : text.split(separator))
    .map((part) => part.trim())
    .filter((part) => part !== '');

const hundred: Decimal = { units: 100n, scale: 0 };
const hundredth: Decimal = { units: 1n, scale: 2 };

function scaled(text: string, { factor, round }: FieldRule): Decimal {
  const inPercent = /[%％]$/.test(text.trim());
  let value = readDecimal(inPercent ? text.trim().slice(0, -1) : text);
  if (inPercent) value = times(value, hundredth);
  if (factor !== undefined) value = times(value, readDecimal(factor));
  return round === undefined ? value : rounded(value, round);
}

/** `15%` is 15 whatever the rule says of bare numbers. */
function percent(text: string, { factor, ratio, round }: FieldRule): Decimal {
  const bare = text.trim().replace(/[%％]$/, '');
  let value = readDecimal(bare);
  if (bare === text.trim()) {
    if (ratio) value = times(value, hundred);
    if (factor !== undefined) value = times(value, readDecimal(factor));
  }
  return round === undefined ? value : rounded(value, round);
}
