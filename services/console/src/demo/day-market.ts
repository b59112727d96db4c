import type { CalendarDate } from '@fenxiao/domain/calendar-date';
import { inTurns, Refused, type Api } from './api.js';
import { calendar } from './season.js';

/** What there is to sell this morning, and to whom. */
export interface Customer {
  readonly id: string;
  readonly code: string;
  /** account of the demonstration that sells to it */
  readonly seller: string;
}
export interface Goods {
  readonly id: string;
  readonly productCode: string;
  readonly family: string;
  readonly free: number;
  /** an order that history left open wants it, and would get what comes in before anybody else */
  readonly waitedFor: boolean;
}
export interface Account {
  readonly distributorId: string;
  readonly code: string;
  readonly '1-30': string;
  readonly '31-60': string;
  readonly '61-90': string;
  readonly 'over-90': string;
  readonly exposure: string;
  readonly limit: string;
}

export interface OpenOrder {
  readonly id: string;
  readonly number: string;
  readonly historic: boolean;
  readonly promisedOn: string;
  readonly lines: readonly {
    readonly productCode: string;
    readonly quantity: string;
    readonly allocated: string;
    readonly shipped: string;
  }[];
}

export interface Market {
  readonly today: CalendarDate;
  readonly customers: readonly Customer[];
  /** those whose credit takes a usual order today, the home province's first */
  readonly sound: readonly Customer[];
  /** those who pay before they get anything: their orders may be as large as they like */
  readonly prepaid: readonly Customer[];
  /** what customers owe, the largest debts above 90 days first */
  readonly accounts: readonly Account[];
  readonly goods: readonly Goods[];
  /** what history left open, the earliest promised first */
  readonly open: readonly OpenOrder[];
}

/** yuan a customer may still owe after an order or two of today */
const room = 150_000;
/** customers that the stories need */
const enough = 20;

export async function morning(api: Api): Promise<Market> {
  const active = 'distributors/distributors?state=active';
  type Known = Customer & { readonly terms: string };
  const [all, home, area, products, stock, accounts, open] = await Promise.all([
    api.list<Known>('order-clerk', active),
    api.list<Customer>('salesperson', active),
    api.list<Customer>('regional-manager', active),
    api.list<{ id: string; code: string; family: string }>('order-clerk', 'orders/products'),
    api.list<{ productId: string; free: string }>('order-clerk', 'orders/stock'),
    api.list<Account>('finance', 'orders/receivables'),
    openOrders(api),
  ]);
  const sellers = new Map([
    ...area.map(({ id }) => [id, 'regional-manager'] as const),
    ...home.map(({ id }) => [id, 'salesperson'] as const),
  ]);
  const customers = all
    .map(({ id, code, terms }) => ({ id, code, terms, seller: sellers.get(id) ?? 'order-clerk' }))
    .sort((a, b) => nearest.indexOf(a.seller) - nearest.indexOf(b.seller) || a.code.localeCompare(b.code));
  const owing = new Map(accounts.map((account) => [account.code, account]));
  const free = Map.groupBy(stock, ({ productId }) => productId);
  const waitedFor = new Set(open.flatMap(({ lines }) => lines.map(({ productCode }) => productCode)));
  return {
    today: calendar.today(new Date()),
    customers,
    sound: customers.filter(({ code, terms }) => terms === 'prepaid' || isSound(owing.get(code))).slice(0, enough),
    prepaid: customers.filter(({ terms }) => terms === 'prepaid'),
    accounts: accounts.toSorted((a, b) => late(b) - late(a) || a.code.localeCompare(b.code)),
    goods: products
      .map(({ id, code, family }) => ({
        id,
        productCode: code,
        family,
        waitedFor: waitedFor.has(code),
        free: thousandths((free.get(id) ?? []).reduce((sum, row) => sum + Number(row.free), 0)),
      }))
      .filter((item) => item.free > 0)
      .sort((a, b) => a.productCode.localeCompare(b.productCode)),
    open,
  };
}

async function openOrders(api: Api): Promise<OpenOrder[]> {
  const listed = await api.list<OpenOrder>('order-clerk', 'orders/orders?state=backordered');
  const open: OpenOrder[] = [];
  await inTurns(6, listed, async ({ id, historic }) => {
    if (historic) open.push(await api.ask('order-clerk', `orders/orders/${id}`));
  });
  return open.sort((a, b) => a.promisedOn.localeCompare(b.promisedOn) || a.number.localeCompare(b.number));
}

const thousandths = (quantity: number) => Math.round(quantity * 1000) / 1000;
const nearest = ['salesperson', 'regional-manager', 'order-clerk'];
const late = (account: Account) => Number(account['over-90']);
const isSound = (account: Account | undefined) =>
  account !== undefined &&
  (['1-30', '31-60', '61-90', 'over-90'] as const).every((bucket) => Number(account[bucket]) === 0) &&
  Number(account.limit) - Number(account.exposure) > room;

export type Theme = 'goods' | 'quality' | 'prices' | 'accounts' | 'production' | 'complaints';
/** Each theme has product families of its own, and within them goods that are sold in no other story. */
const familiesOf: Record<Theme, readonly string[]> = {
  goods: ['瓷片'],
  quality: ['木纹砖'],
  prices: ['仿古砖'],
  accounts: ['大板', '马赛克'],
  production: ['抛光砖'],
  complaints: [],
};

/** What nobody waits for is left to the stories, so that what comes in is theirs; and so is the credit of sound customers. */
const ofStories = ({ waitedFor }: Goods) => !waitedFor;
export function forSale({ goods, customers, sound, prepaid }: Market) {
  const plenty = goods.filter(({ free }) => free > 50);
  const left = plenty.filter((item) => !ofStories(item));
  const others = customers.filter(
    ({ id }) => prepaid.some((one) => one.id === id) || !sound.some((one) => one.id === id),
  );
  // a small demonstration may have nothing beside
  return { goods: left.length > 0 ? left : plenty, customers: others.length > 0 ? others : customers };
}

/** What a theme has to itself: scarce goods, each handed out once, and a shelf of plenty; customers in turn. */
export class Share {
  readonly #scarce: Goods[];
  readonly #shelf: Goods[];
  #turns = 0;

  constructor(
    readonly market: Market,
    theme: Theme,
  ) {
    const goods = market.goods
      .filter(ofStories)
      .filter(({ family }) => familiesOf[theme].includes(family))
      .sort((a, b) => a.free - b.free || a.productCode.localeCompare(b.productCode));
    const half = Math.ceil(goods.length / 2);
    this.#scarce = goods.slice(0, half);
    this.#shelf = goods.slice(half);
  }

  /** Goods of which no other story sells any. */
  scarce(): Goods {
    return there(this.#scarce.shift());
  }

  /** So many that differ. */
  several(count: number): Goods[] {
    return [...this.#shelf, ...this.#scarce].slice(0, count);
  }

  goods(): Goods {
    return there(this.#shelf[this.#turns++ % this.#shelf.length]);
  }

  customer(of: 'sound' | 'prepaid' = 'sound'): Customer {
    const choice = this.market[of];
    return there(choice[this.#turns++ % choice.length]);
  }
}

/** A small demonstration may have too little for a story. @throws Refused */
function there<T>(found: T | undefined): T {
  if (found === undefined) throw new Refused('nothing-left', 'no such goods or customers are left');
  return found;
}
