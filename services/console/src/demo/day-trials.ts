import { createHash } from 'node:crypto';
import { calendar } from './season.js';
import type { Stories, Story, Subject } from './day-story.js';
import { line, order } from './day-trade.js';

/** What is new: trials of varieties that customers want, samples, ideas and designs. */
const technical = 'technical-department';
const manager = 'sales-manager';
const samples = 'sample-keeper';

const photograph = (file: string) => ({ file, digest: createHash('sha256').update(file).digest('hex') });

export const trials: Stories = {
  /** Done, and what the customer wanted: a product with a price of its own, and the order for it. */
  async trialAccepted(t) {
    const { trial, seller } = await delivered(t, '竹韵青');
    const productCode = 'PG-75150-901U';
    await t.move(seller, trial, 'customer-accept', { productCode });
    const list = { code: 'TRIAL', validFrom: t.today, taxIncluded: false, lines: [{ productCode, price: '88.5' }] };
    const priced = await t.make(manager, 'orders/price-lists', list);
    const rival = { competitor: '对手甲', product: '竹纹抛光砖750×1500', price: '92', source: '市场走访' };
    const evidence = { demand: '客户首单四千平方米', competitors: [{ ...rival, observedOn: t.today }] };
    await t.move(manager, priced, 'submit', evidence);
    await t.move('deputy-general-manager-sales', priced, 'approve');
    await t.move(seller, trial, 'draft-order');
  },

  async trialRejected(t) {
    const { trial, seller } = await delivered(t, '云水灰');
    await t.move(seller, trial, 'customer-reject', { reason: '光泽度高于客户样板' });
  },

  async trialInfeasible(t) {
    const { trial } = await sent(t, '琥珀金');
    const reason = '金属釉在现有窑炉温度下不稳定';
    await t.moves(trial, [technical, 'accept', plan(t)], [technical, 'give-up', { reason }]);
  },

  async trialsUnderWay(t) {
    const begun = await sent(t, '墨玉黑');
    await t.moves(begun.trial, [technical, 'accept', plan(t)], [technical, 'start-trial']);
    await sent(t, '晨曦粉');
    await ask(t, '苔原绿');
  },

  /** Handed out to be brought back: one is, one is lost and paid for, one is out, one leads to an order; one is a gift. */
  async sampleIssues(t) {
    const wanted = t.has.goods();
    const { productCode } = wanted;
    await t.make(samples, 'orders/sample-receipts', { productCode, quantity: '40', source: 'production' });
    const [returned, lost, out, converted] = [
      await issued(t, productCode, '样板间展示'),
      await issued(t, productCode, '工程投标封样'),
      await issued(t, productCode, '门店陈列'),
      await issued(t, productCode, '客户选色'),
    ];
    await issued(t, productCode, '赠送设计师', false);
    await t.move(samples, returned.sample, 'return', { condition: 'good' });
    await t.move(samples, lost.sample, 'lose', { reason: '客户工地遗失' });
    await t.move('finance', lost.sample, 'charge', { amount: '120.00', reason: '按价目表价赔偿' });
    await order(t, converted.customer, [line(wanted, 20)]);
    const reason = '系统上线，补做当日样板转化统计';
    await t.runJob('sample-conversions', 'daily', reason);
    await t.find(samples, `orders/samples?number=${out.sample.number}`);
    const refused = await asksFor(t, productCode, '个人装修使用', false);
    await t.move(manager, refused.request, 'reject', { reason: '非业务用途' });
  },

  async ideas(t) {
    const grip = await t.make('market-researcher', 'orders/ideas', {
      title: '防滑岩板',
      description: '老年公寓与户外台阶对防滑等级R11的需求增加',
      source: 'survey',
      sourceNumber: 'DC-2026-07',
    });
    const demand = '三个区域的工程客户均有询价';
    await t.moves(
      grip,
      ['marketing-section', 'assess', { demand, feasibility: '现有大板线可加微浮雕工艺' }],
      ['sales-general-manager', 'approve'],
      [technical, 'develop'],
    );
    for (const [type, design, score] of [
      ['appearance', '微浮雕石纹，哑光，三色', 4],
      ['function', '防滑颗粒釉，R11', 5],
    ] as const) {
      const photographs = [photograph(`${type}.jpg`)];
      const shown = await t.make(technical, 'orders/design-proposals', { ideaId: grip.id, type, design, photographs });
      await t.move('market-researcher', shown, 'judge', { score, customersAsked: 24 });
    }
    await t.make('salesperson', 'orders/ideas', {
      title: '大规格木纹砖人字拼套装',
      description: '客户希望按套供货，附铺贴图',
      source: 'visit',
      sourceNumber: 'BF-2026-112',
    });
  },
};

const plan = (t: Story) => ({ plannedOn: calendar.addWorkingDays(t.today, 10) });

/** A customer wants much of a variety that is not made yet. */
async function ask(t: Story, name: string) {
  const { code, seller } = t.has.customer();
  const trial = await t.make(seller, 'orders/trials', {
    distributorCode: code,
    family: '抛光砖',
    name: `${name}抛光砖`,
    specification: '750×1500mm',
    grade: '优等品',
    colourNumber: `N-${name}`,
    unit: 'm²',
    quantity: '4000',
    value: '350000',
    needDate: calendar.addDays(t.today, 60),
  });
  return { trial, seller };
}

async function sent(t: Story, name: string) {
  const asked = await ask(t, name);
  const sample = { photograph: photograph(`${name}.jpg`), sampleSize: '300×300mm', sampleColourNumber: name };
  await t.moves(asked.trial, [asked.seller, 'receive-sample', sample], [asked.seller, 'send']);
  return asked;
}

async function delivered(t: Story, name: string) {
  const { trial, seller } = await sent(t, name);
  await t.moves(
    trial,
    [technical, 'accept', plan(t)],
    [technical, 'start-trial'],
    [technical, 'finish', { result: '试制120m²，色差与平整度合格' }],
    [seller, 'deliver'],
  );
  return { trial, seller };
}

async function asksFor(t: Story, productCode: string, purpose: string, returnNeeded: boolean) {
  const customer = t.has.customer();
  const form = { distributorCode: customer.code, productCode, quantity: '2', purpose, returnNeeded };
  return { customer, request: await t.make(customer.seller, 'orders/sample-requests', form) };
}

async function issued(t: Story, productCode: string, purpose: string, returnNeeded = true) {
  const { customer, request } = await asksFor(t, productCode, purpose, returnNeeded);
  await t.move(manager, request, 'approve');
  const sample: Subject = await t.make(samples, 'orders/samples', { requestId: request.id, quantity: '2' });
  return { customer, sample };
}
