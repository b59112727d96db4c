import type { ImportKind } from '@fenxiao/contracts/imports';
import type { BoundField } from './binding.js';
import { identityOf } from './fields.js';
import type { Step } from './plan.js';
import type { Origin } from './staging.js';
import { shown } from './values.js';

/** From a field of a row back to the cell it came from. */

export type Row = Record<string, unknown>;

export interface CellPlace {
  readonly origin: Origin;
  /** as the source calls it; several joined by +, none for a constant */
  readonly column: string;
  readonly value: string;
}

/** A field's value as a text: to compare by, to show. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);

/** What people call the thing a row is about. */
export const keyOf = (kind: ImportKind, row: Row): string =>
  identityOf(kind)
    .map((field) => textOf(row[field]))
    .filter((part) => part !== '')
    .join(' ');

export function cellOf(field: BoundField, origin: Origin): CellPlace {
  const values = field.columns.map((name) => origin.cells[name] ?? '');
  return { origin, column: field.columns.join(' + '), value: shown(values.join(' ').trim()) };
}

/** `lines.2.productCode` */
export function valueAt(path: string, row: Row): unknown {
  return path.split('.').reduce<unknown>((at, name) => (at as Row | undefined)?.[name], row);
}

/**
 * The cell that a field came from, of whichever of the kind's tables.
 * @param path `orderedOn`, `lines.2.productCode`; anything else is the row as a whole
 */
export function cellAt(path: string, row: Row, origin: Origin, steps: readonly Step[]): CellPlace {
  const [, index, lineField] = /^lines\.(\d+)(?:\.(.+))?$/.exec(path) ?? [];
  const place = (index !== undefined && origin.lines?.[Number(index)]) || origin;
  const name = index === undefined ? path : lineField;
  const bound = steps.flatMap(({ parts, lineParts }) =>
    index === undefined
      ? parts.map(({ fields }) => fields)
      : [...lineParts.map(({ fields }) => fields), ...parts.map(({ lineFields }) => lineFields ?? [])],
  );
  const candidates = bound.flat().filter(({ field }) => field.name === name);
  // several files may name their columns differently
  const found = candidates.find(({ columns }) => columns.every((column) => column in place.cells));
  const cell = found ? cellOf(found, place) : { origin: place, column: '', value: '' };
  const value = name ? valueAt(path, row) : undefined;
  return { ...cell, value: cell.value || (typeof value === 'string' ? shown(value) : '') };
}
