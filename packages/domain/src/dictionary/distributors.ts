import type { Label } from './label.js';

/** D-01, D-04, D-20, D-21: distributors, regions, guarantees, credit. */
export const distributors = {
  // aggregates
  outlet: { en: 'Outlet', zh: '经销点' },
  'company-shop': { en: 'Company shop', zh: '专卖店' },
  'region-owner': { en: 'Owner of the region', zh: '区域负责人' },
  contract: { en: 'Contract', zh: '合同' },
  guarantee: { en: 'Guarantee', zh: '资金担保' },
  'credit-limit': { en: 'Credit limit', zh: '信用额度' },
  'credit-hold': { en: 'Credit hold', zh: '信用冻结' },

  // states and moves of a distributor (D-01)
  prospect: { en: 'Prospect', zh: '潜在客户' },
  qualified: { en: 'Qualified', zh: '符合条件' },
  'distributor.trial': { en: 'Trial period', zh: '试用期' },
  activated: { en: 'Activated', zh: '已启用' },
  qualify: { en: 'Qualify', zh: '认定符合条件' },
  'start-trial': { en: 'Start trial period', zh: '开始试用' },
  activate: { en: 'Activate', zh: '启用' },

  // states and moves of a guarantee (D-20)
  granted: { en: 'Granted', zh: '已担保' },
  repaid: { en: 'Repaid', zh: '已还清' },
  called: { en: 'Called', zh: '已追索' },
  deducting: { en: 'Being deducted', zh: '扣款中' },
  deducted: { en: 'Deducted', zh: '已扣款' },
  recovered: { en: 'Recovered', zh: '已追回' },
  waived: { en: 'Waived', zh: '已免除' },
  grant: { en: 'Grant', zh: '担保' },
  repay: { en: 'Repay', zh: '还款' },
  'fall-due': { en: 'Fall due', zh: '到期' },
  call: { en: 'Call', zh: '追索' },
  deduct: { en: 'Deduct', zh: '扣款' },
  recover: { en: 'Recover', zh: '追回' },
  waive: { en: 'Waive', zh: '免除' },

  // fields of a distributor
  legalName: { en: 'Legal name', zh: '法定名称' },
  licenceNumber: { en: 'Licence number', zh: '营业执照号' },
  outlets: { en: 'Outlets', zh: '经销点' },
  companyShops: { en: 'Company shops', zh: '专卖店' },
  class: { en: 'Class', zh: '等级' },
  bank: { en: 'Bank', zh: '开户银行' },
  bankAccount: { en: 'Bank account', zh: '银行账号' },
  contractId: { en: 'Contract', zh: '合同' },
  targets: { en: 'Targets', zh: '目标' },
  level: { en: 'Channel level', zh: '渠道层级' },
  parentId: { en: 'Parent', zh: '上级' },
  responsibleManager: { en: 'Responsible manager', zh: '责任经理' },
  crossRegion: { en: 'Cross-region sale', zh: '窜货' },

  // fields of guarantees and credit
  guaranteeId: { en: 'Guarantee', zh: '资金担保' },
  guarantor: { en: 'Guarantor', zh: '担保人' },
  creditLimit: { en: 'Credit limit', zh: '信用额度' },
  exposure: { en: 'Exposure', zh: '信用占用' },
  utilisation: { en: 'Utilisation', zh: '额度使用率' },
  graceDays: { en: 'Days of grace', zh: '宽限天数' },
  deposit: { en: 'Deposit', zh: '保证金' },
  releasedUntil: { en: 'Released until', zh: '解除冻结至' },
} satisfies Record<string, Label>;
