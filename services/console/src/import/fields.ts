import { imports, type ImportKind } from '@fenxiao/contracts/imports';
import { CalendarDate, Code, LocalMinute, Percent, PositiveAmount, Price, QuantityText } from '@fenxiao/contracts/wire';
import { z } from 'zod';

/** The fields of each kind, read from the contract itself: what a cell has to become. */

export type FieldType =
  | { is: 'text' | 'code' | 'date' | 'month' | 'minute' | 'integer' | 'boolean' }
  | { is: 'decimal'; decimals: number; percent: boolean; signed: boolean }
  | { is: 'choice' | 'choices'; options: readonly string[] };

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly required: boolean;
}

const decimal = (decimals: number, percent = false) => ({ is: 'decimal', decimals, percent, signed: percent }) as const;
const decimals = new Map<unknown, FieldType>([
  [PositiveAmount, decimal(2)],
  [Price, decimal(4)],
  [QuantityText, decimal(3)],
  [Percent, decimal(6, true)],
]);

export const kinds = Object.keys(imports) as ImportKind[];
const lineShape = imports.orders.row.shape.lines.element.shape;

export const fieldsOf = (kind: ImportKind): Field[] =>
  Object.entries(imports[kind].row.shape)
    .filter(([name]) => name !== 'lines')
    .map(([name, schema]) => field(name, schema));
export const lineFields: readonly Field[] = Object.entries(lineShape).map(([name, schema]) => field(name, schema));

function field(name: string, schema: z.ZodType): Field {
  let inner: unknown = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault) inner = inner.unwrap();
  return { name, type: typeOf(name, inner), required: !schema.safeParse(undefined).success };
}

function typeOf(name: string, schema: unknown): FieldType {
  const found = decimals.get(schema);
  if (found) return found;
  if (schema === CalendarDate) return { is: name === 'month' ? 'month' : 'date' };
  if (schema === LocalMinute) return { is: 'minute' };
  if (schema === Code) return { is: 'code' };
  if (schema instanceof z.ZodEnum) return { is: 'choice', options: schema.options.map(String) };
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodEnum)
    return { is: 'choices', options: schema.element.options.map(String) };
  if (schema instanceof z.ZodBoolean) return { is: 'boolean' };
  if (schema instanceof z.ZodNumber) return { is: 'integer' };
  if (schema instanceof z.ZodString) return { is: 'text' };
  throw new Error(`the import does not know how a cell becomes the field ${name}`);
}

/** What makes two rows of one kind rows about the same thing: the second is a mistake in the file. */
export const identityOf = (kind: ImportKind): readonly string[] => imports[kind].key;

/** Fields that name a thing of another kind, and by which field it is named there. */
export const referencesOf = (kind: ImportKind): References =>
  (imports[kind] as { readonly references?: References }).references ?? {};
type References = Readonly<Record<string, readonly [ImportKind, string]>>;
