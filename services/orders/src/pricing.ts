import { divideRounded, formatDecimal } from '@fenxiao/domain/decimal';
import { domainError } from '@fenxiao/domain/domain-error';
import { Money } from '@fenxiao/domain/money';
import { Percentage } from '@fenxiao/domain/percentage';
import type { Quantity } from '@fenxiao/domain/quantity';
import type { UnitPrice } from '@fenxiao/domain/unit-price';
import type { Role } from '@fenxiao/contracts/roles';

/**
 * O-11 Price float and approval authority 价格浮动百分比和审批权限, O-12 No private price cuts 不得私自降低销售价格.
 * Pure arithmetic: what a line costs, how far it is from the list, who may sell at that.
 */

export interface PricedLine {
  readonly line: number;
  readonly family: string;
  readonly quantity: Quantity;
  readonly listPrice: UnitPrice | undefined;
  /** the price of a short cut that runs: what the line is held against instead of the list (O-14) */
  readonly cutPrice?: UnitPrice | undefined;
  readonly unitPrice: UnitPrice;
  readonly discount: Percentage;
  /** given free of charge: its list value lowers the price of what is paid for */
  readonly gift: boolean;
}

/** How far a role may go from the list in a family, both ends included; no family: in all without a band of their own. */
export interface Band {
  readonly family?: string | undefined;
  readonly role: string;
  readonly lowest: Percentage;
  readonly highest: Percentage;
}

const anything = Percentage.of('1000');
/** The regulation leaves the percentages blank; these hold until bands are approved (default of O-11). */
export const defaultBands: readonly Band[] = [
  { role: 'salesperson', lowest: Percentage.zero, highest: Percentage.zero },
  { role: 'sales-manager', lowest: Percentage.of('-3'), highest: anything },
  { role: 'deputy-general-manager-sales', lowest: Percentage.of('-5'), highest: anything },
  { role: 'sales-general-manager', lowest: Percentage.of('-8'), highest: anything },
  { role: 'general-manager', lowest: Percentage.of('-100'), highest: anything },
];

/** Everybody who has no band sells like a salesperson (O-12). */
const noBand = { lowest: Percentage.zero, highest: Percentage.zero };

/** Who may approve, from the lowest upwards. */
export const approvers = [
  'sales-manager',
  'deputy-general-manager-sales',
  'sales-general-manager',
  'general-manager',
] as const satisfies readonly Role[];
export type Approver = (typeof approvers)[number];

/**
 * Net value and list value of each line paid for, exact, in one unit (price × quantity × share of a hundred per cent);
 * while a short cut runs, the value at its price stands for the list's (O-14).
 * A gift counts at its list value against the lines of its family, or all lines when its family has none.
 */
export interface LineValue {
  readonly line: number;
  readonly family: string;
  readonly net: bigint;
  readonly list: bigint;
}
export function valuesOf(lines: readonly PricedLine[]): LineValue[] {
  const listValue = ({ listPrice, cutPrice, quantity }: PricedLine) =>
    ((cutPrice ?? listPrice)?.units ?? 0n) * quantity.units * Percentage.whole;
  const paid = lines
    .filter(({ gift }) => !gift)
    .map((line) => ({
      ...line,
      net: line.unitPrice.units * line.quantity.units * line.discount.rest().units,
      list: listValue(line),
    }));
  for (const gift of lines.filter((line) => line.gift)) {
    const own = paid.filter(({ family }) => family === gift.family);
    const bearing = own.length > 0 ? own : paid;
    const weight = bearing.reduce((sum, { list }) => sum + list, 0n);
    let rest = listValue(gift);
    bearing.forEach((line, i) => {
      const share = i === bearing.length - 1 ? rest : weight === 0n ? 0n : (listValue(gift) * line.list) / weight;
      line.net -= share;
      rest -= share;
    });
  }
  const alone = paid.length === 0 ? lines.map((line) => ({ ...line, net: 0n, list: listValue(line) })) : [];
  return [...paid, ...alone].map(({ line, family, net, list }) => ({ line, family, net, list }));
}

/** (net price − list) ÷ list in percent, four decimals, for people to read. Undefined without a list price. */
export const deviationOf = ({ net, list }: LineValue): Percentage | undefined =>
  list === 0n ? undefined : Percentage.of(formatDecimal(divideRounded((net - list) * 1_000_000n, list), 4));

/** Whether one of the roles' bands covers the line: compared exactly, the ends of the band included. */
export function covers(bands: readonly Band[], roles: readonly string[], value: LineValue): boolean {
  if (value.list === 0n) return false;
  const within = ({ lowest, highest }: Pick<Band, 'lowest' | 'highest'>) => {
    const net = value.net * Percentage.whole;
    return (
      net >= value.list * (Percentage.whole + lowest.units) && net <= value.list * (Percentage.whole + highest.units)
    );
  };
  return within(noBand) || roles.some((role) => bandFor(bands, role, value.family).some(within));
}

function bandFor(bands: readonly Band[], role: string, family: string): readonly Band[] {
  const own = bands.filter((band) => band.role === role);
  const special = own.filter((band) => band.family === family);
  return special.length > 0 ? special : own.filter((band) => band.family === undefined);
}

/** The lowest role that may approve all of these lines; the general manager when no band reaches so far. */
export const approverFor = (bands: readonly Band[], values: readonly LineValue[]): Approver =>
  approvers.find((role) => values.every((value) => covers(bands, [role], value))) ?? 'general-manager';

/** K-S22: what the lines outside the seller's band give away against the list, or the cut that runs; never negative. */
export function marginGivenAway(lines: readonly PricedLine[], outside: ReadonlySet<number>): Money {
  const amounts = lines
    .filter(({ line, listPrice }) => outside.has(line) && listPrice)
    .map((line) => Money.lineNet(line.cutPrice ?? line.listPrice!, line.quantity, Percentage.zero).minus(netOf(line)));
  return Money.sum(amounts.filter((amount) => amount.isPositive()));
}

const netOf = ({ unitPrice, quantity, discount, gift }: PricedLine) =>
  gift ? Money.zero : Money.lineNet(unitPrice, quantity, discount);

export interface LineAmounts {
  readonly net: Money;
  readonly tax: Money;
  readonly gross: Money;
}

/** O-51: net, tax and gross of a line, each to the fen; the price includes tax or not, as its list says. */
export function amountsOf(line: PricedLine, taxRate: Percentage, taxIncluded: boolean): LineAmounts {
  const amount = netOf(line);
  if (!taxIncluded) {
    const tax = Money.taxOn(amount, taxRate);
    return { net: amount, tax, gross: amount.plus(tax) };
  }
  const net = Money.netOf(amount, taxRate);
  return { net, tax: amount.minus(net), gross: amount };
}

/** The share of an amount that falls on part of a quantity, half-up. The last delivery of a line takes what is left instead. */
export const shareOf = (amount: Money, part: Quantity, whole: Quantity): Money =>
  Money.fen(divideRounded(amount.fen * part.units, whole.units));

export const noListPrice = domainError({
  code: 'orders.price.no-list-price',
  kind: 'unprocessable',
  rule: 'O-10',
  en: 'Product {product} has no approved list price on {date}.',
  zh: '产品{product}在{date}没有已批准的价目。',
});
