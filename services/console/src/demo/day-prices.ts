import type { Stories, Story, Subject } from './day-story.js';
import { deliver, line, order } from './day-trade.js';
import { calendar } from './season.js';

/** Price exceptions: what is asked for below the list, by whom it is decided, and what becomes of it (O-11). */
interface Exception {
  readonly approver: string;
}
const reasonToReject = '毛利过低，请按价目表报价';

export const prices: Stories = {
  /** Each goes to the lowest role whose band covers it: sales manager, deputy, sales general manager, general manager. */
  async approved(t) {
    for (const discount of ['2', '3', '4.5', '7', '12']) {
      const { sold, asked } = await below(t, discount);
      await t.move(asked.approver, asked, 'approve');
      await deliver(t, await t.goesOn(sold));
    }
  },

  async rejected(t) {
    for (const discount of ['2.5', '6', '15']) {
      const { asked } = await below(t, discount);
      await t.move(asked.approver, asked, 'reject', { reason: reasonToReject });
    }
  },

  /** What was asked for the order as it was is void once the order is changed (T23). */
  async voidedByChange(t) {
    const { sold, seller, lines } = await below(t, '8');
    await t.move(seller, sold, 'withdraw');
    await t.edit(seller, sold, { lines: lines.map(({ discount: _, ...rest }) => rest) });
    await t.move(seller, sold, 'submit');
  },

  /** The sales manager sells within a band, and does not approve what lies outside it. */
  async ownHands(t) {
    const some = t.has.goods();
    const { code } = t.has.customer();
    const form = { distributorCode: code, lines: [line(some, 12, '4')] };
    const sold = await t.make('sales-manager', 'orders/orders', form);
    await t.move('sales-manager', sold, 'submit');
    const asked = await exceptionOf(t, sold);
    await t.refuse('procedure.own-matter', 'sales-manager', asked, 'approve');
    await t.move('deputy-general-manager-sales', asked, 'approve');
    await t.goesOn(sold);
  },

  /** A short cut goes through four hands, and one more has just been asked for (O-14). */
  async shortCuts(t) {
    const { id } = t.has.market.customers.find(({ seller }) => seller === 'regional-manager')!;
    const { region } = await t.read<{ region: string }>('regional-manager', {
      path: `distributors/distributors/${id}`,
    });
    const [startsOn, endsOn] = [calendar.addDays(t.today, 3), calendar.addDays(t.today, 23)];
    const cut = async (title: string, percentOff: string) =>
      t.move<object>(
        'regional-manager',
        await t.make('regional-manager', 'orders/price-cuts', {
          title,
          proposal: '本区清库存，预计销量增加两成',
          productCodes: [t.has.goods().productCode],
          regionIds: [region],
          percentOff,
          startsOn,
          endsOn,
        }),
        'submit',
      );
    await t.moves(
      await cut('岁末清仓', '8'),
      ['deputy-general-manager-sales', 'adjust', { percentOff: '6' }],
      ['sales-general-manager', 'pass'],
      ['general-manager', 'approve'],
    );
    await cut('新店开业', '5');
  },

  /** From next month on it is sold by the carton (O-43). */
  async packaging(t) {
    await t.make('sales-manager', 'orders/packagings', {
      productCode: t.has.goods().productCode,
      salesUnit: '箱',
      unitsPerPackage: '1.44',
      wholePackagesOnly: false,
      validFrom: calendar.addMonths(`${t.today.slice(0, 8)}01`, 1),
    });
  },

  /** These wait for their answer. */
  async open(t) {
    for (const discount of ['3.5', '9']) await below(t, discount);
  },
};

async function below(t: Story, discount: string) {
  const customer = t.has.customer();
  const lines = [line(t.has.goods(), 18, discount), line(t.has.goods(), 12)].slice(0, Number(discount) > 4 ? 1 : 2);
  const sold = await order(t, customer, lines);
  return { sold, lines, seller: customer.seller, asked: await exceptionOf(t, sold) };
}

const exceptionOf = (t: Story, { id }: Subject) =>
  t.find<Exception>('general-manager', `orders/price-exceptions?orderId=${id}`);
