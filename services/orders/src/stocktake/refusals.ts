import { domainError } from '@fenxiao/domain/domain-error';

/** O-24: what the moves of a stocktake refuse, and why. */

const error = (code: string, kind: 'conflict' | 'unprocessable' | 'forbidden', en: string, zh: string) =>
  domainError({ code: `orders.stocktake.${code}`, kind, rule: 'O-24', en, zh });

export const unknownWarehouse = error(
  'unknown-warehouse',
  'unprocessable',
  'Warehouse {warehouse} is not in the register.',
  '仓库{warehouse}不在登记册中。',
);
export const inThePast = error(
  'in-the-past',
  'unprocessable',
  'A stocktake is not scheduled for a day gone by ({date}).',
  '盘点日期（{date}）不得早于今天。',
);
export const tooLate = error(
  'too-late',
  'unprocessable',
  'The year-end count is moved to {date} at the latest.',
  '年终盘点最迟改期至{date}。',
);
export const alreadyOpen = error(
  'already-open',
  'conflict',
  'Stocktake {stocktake} of warehouse {warehouse} is not closed yet.',
  '仓库{warehouse}的盘点单{stocktake}尚未结案。',
);
export const everyYear = error(
  'every-year',
  'conflict',
  'Every company shop is counted at the end of the year; the count can be moved, not called off.',
  '每家公司专卖店每年均须年终盘仓，可改期，不得取消。',
);
export const notYet = error(
  'not-yet',
  'unprocessable',
  'It is counted on {date}, not before.',
  '盘点于{date}进行，不得提前。',
);
export const complete = error(
  'count-complete',
  'conflict',
  'Your count of this round is complete and stays as it is.',
  '您本轮的盘点已完成，不得更改。',
);
export const oneForm = error(
  'one-form',
  'unprocessable',
  'Counts come as a list or as CSV, one of the two.',
  '盘点数据须以列表或CSV之一提交。',
);
export const approved = error(
  'approved',
  'conflict',
  'The variances are approved; their reasons stay as they are.',
  '差异已获批准，原因不得更改。',
);
export const noSuchVariance = error(
  'no-such-variance',
  'unprocessable',
  'A reason is given for what shows no variance.',
  '所述项目没有盘点差异。',
);
export const reasonsMissing = error(
  'reasons-missing',
  'unprocessable',
  '{left} variances have no reason yet.',
  '尚有{left}项差异未说明原因。',
);
export const notApproved = error(
  'not-approved',
  'conflict',
  'The sales manager has not approved the variances yet.',
  '销售部经理尚未批准盘点差异。',
);
export const twoCounters = error(
  'two-counters',
  'conflict',
  'A stocktake is closed after the order clerk and the finished-goods keeper, two persons, have both counted.',
  '开单员与成品仓库管员两人均完成盘点后方可结案。',
);
