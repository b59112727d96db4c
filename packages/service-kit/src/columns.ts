import { Money } from '@fenxiao/domain/money';
import { Percentage } from '@fenxiao/domain/percentage';
import { Quantity } from '@fenxiao/domain/quantity';
import { UnitPrice } from '@fenxiao/domain/unit-price';
import type { Decision } from '@fenxiao/procedures/procedure';
import { defineEntity, Type } from '@mikro-orm/core';

/** Exact numbers as PostgreSQL `numeric`: the driver hands strings over, the domain's classes take them. */
class NumericType<T extends { toString(): string }> extends Type<T | null, string | null> {
  constructor(
    private readonly of: (text: string) => T,
    private readonly column: string,
  ) {
    super();
  }
  override convertToDatabaseValue(value: T | null): string | null {
    return value === null || value === undefined ? null : String(value);
  }
  override convertToJSValue(value: string | null): T | null {
    return value === null || value === undefined ? null : this.of(value);
  }
  override compareAsType(): string {
    return 'string';
  }
  override getColumnType(): string {
    return this.column;
  }
}

const p = defineEntity.properties;
const money = new NumericType((text) => Money.of(text), 'numeric(14,2)');
const quantity = new NumericType((text) => Quantity.of(text), 'numeric(14,3)');
const price = new NumericType((text) => UnitPrice.of(text), 'numeric(14,4)');
const percent = new NumericType((text) => Percentage.of(text), 'numeric(13,6)');

/** Column kinds for entities: `amount: columns.money()`. Dates of the calendar stay ISO strings. */
export const columns = {
  money: () => p.type(money).$type<Money>(),
  quantity: () => p.type(quantity).$type<Quantity>(),
  unitPrice: () => p.type(price).$type<UnitPrice>(),
  percentage: () => p.type(percent).$type<Percentage>(),
  date: () => p.date().$type<string>(),
};

/** The columns of every subject of a procedure (see `Subject`); `events` counts what it has published. */
export const subjectColumns = {
  id: p.uuid().primary(),
  state: p.text(),
  version: p.integer(),
  events: p.integer(),
  region: p.uuid().strictNullable(),
  unit: p.text().strictNullable(),
  createdBy: p.text(),
  owner: p.text().strictNullable(),
  createdAt: p.datetime(),
  enteredAt: p.datetime(),
  approvals: p.json<Decision[]>(),
};
