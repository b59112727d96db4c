import type { Label } from './label.js';

/** O-10 to O-12, O-42, O-51, O-52: products, list prices, price authority, tax, cost. */
export const prices = {
  // aggregates
  product: { en: 'Product', zh: '产品' },
  'price-list': { en: 'Price list', zh: '价目表' },
  'price-exception': { en: 'Price exception', zh: '特价申请' },
  'price-violation': { en: 'Price violation', zh: '违规降价' },
  'grade-substitution': { en: 'Grade substitution', zh: '以次充好' },

  // product (O-42)
  productName: { en: 'Product name', zh: '品名' },
  specification: { en: 'Specification', zh: '规格' },
  grade: { en: 'Grade', zh: '等级' },
  colourNumber: { en: 'Colour number', zh: '色号' },
  packaging: { en: 'Packaging', zh: '包装' },
  batchNumber: { en: 'Batch number', zh: '批号' },
  family: { en: 'Product family', zh: '产品系列' },
  sku: { en: 'SKU', zh: 'SKU' },
  salesUnit: { en: 'Sales unit', zh: '销售单位' },
  baseUnit: { en: 'Base unit', zh: '基本单位' },

  // prices
  listPrice: { en: 'List price', zh: '统一报价' },
  unitPrice: { en: 'Unit price', zh: '单价' },
  netPrice: { en: 'Net price', zh: '净价' },
  discount: { en: 'Discount', zh: '折扣' },
  gift: { en: 'Gift', zh: '赠品' },
  deviation: { en: 'Deviation from list price', zh: '价格偏离' },
  priceBand: { en: 'Price band', zh: '价格浮动范围' },
  authority: { en: 'Authority', zh: '审批权限' },
  priceListId: { en: 'Price list', zh: '价目表' },
  priceExceptionId: { en: 'Price exception', zh: '特价申请' },
  approver: { en: 'Approver', zh: '审批人' },
  taxIncluded: { en: 'Tax included', zh: '含税' },

  // tax and cost
  taxRate: { en: 'Tax rate', zh: '税率' },
  net: { en: 'Net', zh: '不含税金额' },
  tax: { en: 'Tax', zh: '税额' },
  gross: { en: 'Gross', zh: '含税金额' },
  standardCost: { en: 'Standard cost', zh: '标准成本' },
  margin: { en: 'Margin', zh: '毛利' },
  retired: { en: 'No longer sold', zh: '已停售' },
  retire: { en: 'Stop selling', zh: '停售' },
  'set-tax-rate': { en: 'Set tax rate', zh: '设定税率' },
  'set-standard-cost': { en: 'Set standard cost', zh: '设定标准成本' },
  launchedOn: { en: 'Launched on', zh: '上市日期' },
  rate: { en: 'Rate', zh: '税率' },
  cost: { en: 'Cost', zh: '成本' },
  productCode: { en: 'Product', zh: '产品编码' },
  'price-bands': { en: 'Price bands', zh: '价格浮动范围' },
  bands: { en: 'Bands', zh: '浮动范围' },
  lowest: { en: 'Lowest', zh: '下限' },
  highest: { en: 'Highest', zh: '上限' },
  marginGivenAway: { en: 'Margin given away', zh: '让利金额' },
  binding: { en: 'What it binds to', zh: '绑定内容' },
  demand: { en: 'Demand', zh: '市场需求' },
  competitors: { en: "Competitors' prices", zh: '竞品价格' },
  observedOn: { en: 'Seen on', zh: '观察日期' },
} satisfies Record<string, Label>;
