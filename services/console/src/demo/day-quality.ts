import type { Stories, Story } from './day-story.js';
import { batchOf, deliver, home, line, order, receive } from './day-trade.js';

/** Quality and stock: batches are inspected, goods come back, a shop is counted. */
const keeper = 'finished-goods-keeper';

export const quality: Stories = {
  /** Of five batches three pass, one is held and released, one fails; a sixth stays held. */
  async inspections(t) {
    const standard = await t.make('quality-control', 'orders/quality-standards', {
      code: 'QB-GB4100',
      title: '陶瓷砖出厂检验标准',
      characteristics: [
        { characteristic: '吸水率', method: 'GB/T 3810.3', limit: '不大于0.5%' },
        { characteristic: '尺寸偏差', method: 'GB/T 3810.2', limit: '不超过±0.5%' },
        { characteristic: '色差', method: '目测，距离2m', limit: '同批无明显色差' },
      ],
    });
    await t.move('technical-department', standard, 'approve');
    const inspect = inspectBy(t, standard.id);
    for (const [i, verdict] of (['pass', 'pass', 'pass', 'hold', 'fail', 'hold'] as const).entries()) {
      const made = t.has.goods();
      await receive(t, made, 220, { batch: batchOf(t, 'J') });
      await inspect(made, batchOf(t, 'J'), verdict);
      if (i === 3) await inspect(made, batchOf(t, 'J'), 'pass');
    }
  },

  /** A shipping order is out when the batch turns out to be of a lower grade: it does not leave (O-42). */
  async noSubstitution(t) {
    const [standard] = await t.list('quality-control', 'orders/quality-standards?state=in-force');
    const sold = await order(t, t.has.customer(), [line(t.has.scarce(), 30)]);
    const issued = await t.make<{ lines: { productCode: string; batch: string }[] }>(
      'order-clerk',
      'orders/shipments',
      { orderId: sold.id },
    );
    const { productCode, batch } = issued.lines[0]!;
    await inspectBy(t, standard!.id)({ productCode }, batch, 'pass', { grade: '三级品' });
    await t.refuse('orders.shipment.grade-substitution', keeper, issued, 'dispatch');
    await t.move('order-clerk', issued, 'void', { reason: '批次等级与订货不符，不得以次充好' });
  },

  /** Of one delivery one line is credited, one exchanged, one refused; of another one is sold as second grade, one asked for. */
  async returns(t) {
    const some = t.has.several(3);
    const lines = some.map((item) => line(item, 24));
    const first = await deliver(t, await order(t, t.has.customer(), lines));
    const second = await deliver(t, await order(t, t.has.customer(), lines));
    const credited = await comesBack(t, first.id, 1, 'credit', '与样板色号不符');
    await inspected(t, credited, [{ line: 1, quantity: '6', result: 'restock' }]);
    await t.move('finance', credited, 'credit');

    const exchanged = await comesBack(t, first.id, 2, 'replacement', '砖面有针孔');
    await inspected(t, exchanged, [{ line: 1, quantity: '6', result: 'scrap', note: '表面针孔' }]);
    const { replacementOrderId: id } = await t.move<{ replacementOrderId: string }>(
      'order-clerk',
      exchanged,
      'replace',
    );
    const replacement = { ...exchanged, id, path: `orders/orders/${id}` };
    await deliver(t, await t.goesOn(replacement));

    const refused = await asksBack(t, first.id, 3, 'credit', '客户自行切割后要求退货');
    await t.move('sales-manager', refused, 'refuse', { reason: '已切割使用，不属于质量问题' });

    const lower = await comesBack(t, second.id, 1, 'credit', '边角轻微崩瓷');
    const grade = { grade: '等外品', hold: true, note: '轻微崩瓷' };
    await inspected(t, lower, [{ line: 1, quantity: '6', result: 'second-grade', ...grade }]);
    await t.move('finance', lower, 'credit');
    await asksBack(t, second.id, 2, 'replacement', '尺寸偏差超标');
  },

  /** A company shop is counted by two persons who do not see the books; what differs is explained, approved and posted. */
  async shopIsCounted(t) {
    const shop = 'ZMD-CQ1';
    const proposed = { code: shop, name: '重庆第一专卖店', kind: 'shop' };
    await t.move('sales-manager', await t.make(keeper, 'orders/warehouses', proposed), 'approve');
    const shelf = t.has.several(5).map((item, i) => ({ ...item, quantity: [60, 48, 36, 90, 24][i]! }));
    for (const item of shelf) await receive(t, item, item.quantity, { warehouse: shop, batch: batchOf(t, 'Z') });
    const count = await t.make('sales-manager', 'orders/stocktakes', { warehouse: shop });
    await t.move('order-clerk', count, 'begin');
    const there = (missing: number[]) =>
      shelf.map(({ productCode, quantity }, i) => ({
        productCode,
        batch: batchOf(t, 'Z'),
        quantity: String(quantity - missing[i]!),
      }));
    const missing = [2, 0, 0, -1, 0];
    // far from the books: both count that again
    for (const who of ['order-clerk', keeper])
      await t.moves(count, [who, 'enter-count', { counts: there(missing) }], [who, 'finish-count']);
    const again = there(missing).filter((_, i) => missing[i] !== 0);
    for (const who of ['order-clerk', keeper])
      await t.moves(count, [who, 'enter-count', { counts: again }], [who, 'finish-count']);
    const reasons = again.map(({ productCode, batch }, i) => ({
      productCode,
      batch,
      reason: ['样板展示破损未登记', '上次调拨多发'][i],
    }));
    await t.moves(
      count,
      ['order-clerk', 'explain', { reasons }],
      ['sales-manager', 'approve'],
      ['finance', 'post'],
      ['finance', 'close'],
    );
  },
};

/** Quality control writes down what it found of a batch. */
const inspectBy =
  (t: Story, standardId: string) =>
  ({ productCode }: { productCode: string }, batch: string, verdict: 'pass' | 'hold' | 'fail', more: object = {}) =>
    t.make('quality-control', 'orders/inspections', {
      productCode,
      batch,
      standardId,
      inspected: '20',
      defective: { pass: '0', hold: '2', fail: '6' }[verdict],
      verdict,
      results: [
        { characteristic: '吸水率', measured: '0.3%', within: true },
        { characteristic: '色差', measured: verdict === 'pass' ? '无' : '明显', within: verdict === 'pass' },
      ],
      ...(verdict === 'pass' ? {} : { note: verdict === 'hold' ? '色差待复检' : '色差超标，不得销售' }),
      ...more,
    });

type Remedy = 'credit' | 'replacement';
const asksBack = (t: Story, shipmentId: string, shipmentLine: number, remedy: Remedy, cause: string) =>
  t.make('sales-support-clerk', 'orders/returns', {
    shipmentId,
    remedy,
    cause,
    lines: [{ shipmentLine, quantity: '6' }],
  });

async function comesBack(t: Story, ...about: [shipment: string, line: number, remedy: Remedy, cause: string]) {
  const asked = await asksBack(t, ...about);
  await t.moves(asked, ['sales-manager', 'authorise'], [keeper, 'receive', { warehouse: home }]);
  return asked;
}

const inspected = (t: Story, returned: { path: string }, results: object[]) =>
  t.move('quality-control', returned, 'inspect', { results });
