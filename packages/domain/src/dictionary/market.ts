import type { Label } from './label.js';

/** P-41, P-42: competitors and the market. */
export const market = {
  competitor: { en: 'Competitor', zh: '竞争对手' },
  'market-observation': { en: 'Market observation', zh: '市场观测' },

  // moves
  'choose-as-us': { en: 'Choose as us', zh: '设为本公司' },
  correct: { en: 'Correct', zh: '更正' },

  // fields
  month: { en: 'Month', zh: '月份' },
  'market-observation.category': { en: 'Category', zh: '品类' },
  vendor: { en: 'Vendor', zh: '厂商' },
  source: { en: 'Source', zh: '来源' },
  value: { en: 'Value', zh: '金额' },
  volume: { en: 'Volume', zh: '销量' },
  confidence: { en: 'Confidence', zh: '可信度' },
  low: { en: 'Low', zh: '低' },
  medium: { en: 'Medium', zh: '中' },
  high: { en: 'High', zh: '高' },
} satisfies Record<string, Label>;
