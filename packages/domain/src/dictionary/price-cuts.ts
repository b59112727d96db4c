import type { Label } from './label.js';

/** O-14: short price cuts. */
export const priceCuts = {
  'price-cut': { en: 'Short price cut', zh: '短期削价' },
  'page.price-cut': { en: 'Short price cut', zh: '短期削价策划案' },
  'price-cut.draft': { en: 'Draft', zh: '起草' },
  'price-cut.adjust': { en: 'Adjust and forward', zh: '调整并上报' },
  'price-cut.adjusted': { en: 'Adjusted', zh: '已调整' },
  'price-cut.pass': { en: 'Pass', zh: '审核通过' },
  'price-cut.begin': { en: 'Start', zh: '开始' },
  'price-cut.started': { en: 'Started', zh: '已开始' },
  'price-cut.running': { en: 'Running', zh: '进行中' },
  'price-cut.end': { en: 'End', zh: '结束' },
  'price-cut.ended': { en: 'Ended', zh: '已结束' },
  'price-cut.before': { en: 'As submitted', zh: '调整前' },
  priceCutId: { en: 'Short price cut', zh: '短期削价' },
  cutPrice: { en: 'Price after the cut', zh: '削价后单价' },
  percentOff: { en: 'Taken off the list price, in percent', zh: '降价百分比' },
  productCodes: { en: 'Products', zh: '产品' },
  'price-cut.families': { en: 'Product families', zh: '产品系列' },
  'price-cut.proposal': { en: 'Proposal', zh: '策划方案' },
  'price-cut.title': { en: 'Title', zh: '名称' },
  promotionId: { en: 'Promotion', zh: '促销活动' },
  'job.price-cut-days': { en: 'Price cuts that start or end', zh: '短期削价的开始与结束' },
} satisfies Record<string, Label>;
