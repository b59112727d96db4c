import type { Label } from '@fenxiao/domain/dictionary';

const panel = (title: Label, about: Label) => ({ title, about });

export const positionWords = {
  utilisation: { zh: '信用占用率', en: 'Utilisation' },
  exposure: { zh: '信用占用', en: 'Exposure' },
  credit_limit: { zh: '信用额度', en: 'Limit' },
  over_limit: { zh: '超额度客户', en: 'Over their limit' },
  over_limit_rate: { zh: '超额度客户占比', en: 'Customers over their limit' },
  turn: { zh: '库存周转次数', en: 'Turn' },
  unit_turn: { zh: '按数量周转', en: 'Turn in units' },
  days_of_stock: { zh: '库存天数', en: 'Days of stock' },
  costed_rate: { zh: '有标准成本', en: 'With a standard cost' },
} satisfies Record<string, Label>;

export const positionPanelWords = {
  'credit-utilisation': panel(
    { zh: '信用占用率', en: 'Credit utilisation' },
    {
      zh: '期间内最后一个已登记日终：有额度的赊销客户的信用占用（未清发票 + 已确认订单 − 未核销收款 − 担保）÷ 额度，先求和再相除。n 为客户数。',
      en: 'At the last close of day recorded in the period: exposure of credit customers with a limit (open invoices + confirmed orders − unapplied receipts − guarantees) ÷ their limits, sums divided. n counts customers.',
    },
  ),
  'credit-utilisation-by-month': panel(
    { zh: '各月信用占用率', en: 'Credit utilisation by month' },
    {
      zh: '各月最后一个已登记日终的占用 ÷ 额度；超额度客户 ÷ 有额度客户。n 为客户数。',
      en: 'Exposure ÷ limit at the last close recorded in each month; customers over their limit ÷ customers with one. n counts customers.',
    },
  ),
  'credit-near-limit': panel(
    { zh: '接近或超过额度', en: 'Near or over the limit' },
    {
      zh: '同一日终占用率达 80% 及以上的客户，高者在前，最多 50 户。n 为客户数。',
      en: 'Customers that have used 80% of their limit or more at that close, the highest first, 50 at most. n counts customers.',
    },
  ),
  'stock-turn': panel(
    { zh: '库存周转', en: 'Stock turn' },
    {
      zh: '期间内出库成本（发货减红冲，按标准成本）折合全年 ÷ 日终库存平均值；库存天数 = 365 ÷ 周转次数。无标准成本者不计入金额，其占比另列；按数量周转含全部。全公司口径，区域不适用。n 为已登记天数。',
      en: 'Cost of goods (shipped less credited, at standard cost) of the days recorded, made a year’s, ÷ mean stock at the close of a day; days of stock = 365 ÷ turn. What has no standard cost is in neither sum; the share that has stands beside; the turn in units counts all. Of the whole company: regions do not apply. n counts days recorded.',
    },
  ),
  'days-of-stock': panel(
    { zh: '各系列库存天数', en: 'Days of stock by family' },
    {
      zh: '期间内有出库成本的产品系列：365 ÷ 周转次数，高者在前，最多 12 个。区域不适用。n 为已登记天数。',
      en: 'Families with a cost of goods in the period: 365 ÷ turn, the slowest first, 12 at most. Regions do not apply. n counts days recorded.',
    },
  ),
};
