import { z } from 'zod';

/**
 * The primitive values that cross a process boundary, in one place: what a request, an event and a stored
 * document may hold. Only wire types (strings, numbers, booleans): no transforms, so that JSON Schema says it all.
 */

/** how far a value may go. `public` anywhere, `internal` to whoever works here, `confidential` to whom it concerns. */
export const DataClass = z.enum(['public', 'internal', 'confidential', 'secret']);
export type DataClass = z.infer<typeof DataClass>;

/** Kinds of fields that tell of a person: kept sealed, masked to who need not know, never in an event. */
export type PersonalKind = 'telephone' | 'bank-account' | 'id-number' | 'person-name' | 'address';

/** A schema of another class than its kind's: `classified(Line, 'secret')`. */
export const classified = <S extends z.ZodType>(schema: S, dataClass: DataClass): S =>
  schema.meta({ ...schema.meta(), 'x-class': dataClass });

/** UUID; ours are version 7. */
export const Id = z.uuid().meta({ id: 'Id', description: 'UUID; those made here are version 7' });

/** A link to another aggregate, so that a screen can draw a picker: `Ref('distributor')`. */
export const Ref = (aggregate: string) => z.uuid().meta({ 'x-ref': aggregate });

/** UTC instant, RFC 3339 with milliseconds: `2026-03-05T08:00:00.000Z`. */
export const Instant = z.iso.datetime().meta({ description: 'UTC instant, RFC 3339' });

/** Calendar date in the business time zone: `2026-03-05`. */
export const CalendarDate = z.iso.date().meta({ description: 'Date in the business time zone' });

/** A minute on the clocks of the business time zone, as books of the past have it: `2026-03-05T16:05`. */
export const LocalMinute = z.iso
  .datetime({ local: true, precision: -1 })
  .regex(/\d$/)
  .meta({ description: 'Date and minute in the business time zone' });

/** Money without its currency, at most two decimals: `1234.50`. The currency stands once beside it. */
export const Amount = z
  .string()
  .regex(/^-?\d{1,12}(\.\d{1,2})?$/)
  .meta({ format: 'decimal', description: 'Money, at most two decimals', 'x-class': 'confidential' });

/** Money that may not be negative. */
export const PositiveAmount = z
  .string()
  .regex(/^\d{1,12}(\.\d{1,2})?$/)
  .meta({ format: 'decimal', description: 'Money, not negative, at most two decimals', 'x-class': 'confidential' });

/** Price of one unit, four decimals at most. */
export const Price = z
  .string()
  .regex(/^\d{1,10}(\.\d{1,4})?$/)
  .meta({ format: 'decimal', description: 'Unit price, at most four decimals', 'x-class': 'confidential' });

/** Quantity, three decimals at most (tiles are sold by m²). */
export const QuantityText = z
  .string()
  .regex(/^\d{1,11}(\.\d{1,3})?$/)
  .meta({ format: 'decimal', description: 'Quantity, at most three decimals' });

/** Percent, signed, six decimals at most: `-3.5` is −3.5 %. */
export const Percent = z
  .string()
  .regex(/^-?\d{1,6}(\.\d{1,6})?$/)
  .meta({ format: 'decimal', description: 'Percent' });

/** ISO 4217 code. */
export const Currency = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .meta({ description: 'ISO 4217 currency' });

/** One line of text. */
export const Line = z.string().trim().min(1).max(200);

/** Free text of some paragraphs. */
export const Note = z.string().trim().min(1).max(4000);

/** A business key people type: a distributor's or product's code. */
export const Code = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._/-]{0,63}$/u)
  .meta({ description: 'Letters, digits, . _ / -' });

/** A line, not a pattern: in events and in the audit `***` stands in its place. */
const personal = (kind: PersonalKind) => Line.meta({ 'x-class': 'confidential', 'x-personal': kind });

export const Telephone = personal('telephone');
export const PersonName = personal('person-name');
export const Address = personal('address');
export const BankAccount = personal('bank-account');
/** of an identity card or a passport */
export const IdNumber = personal('id-number');
