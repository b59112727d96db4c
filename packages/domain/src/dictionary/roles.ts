import type { Label } from './label.js';

/** Who acts: the roles of the regulations (catalogue README, section 0.2), and the two that are no people's. */
export const roles = {
  // people
  'general-manager': { en: 'General manager', zh: '总经理' },
  'branch-general-manager': { en: 'Branch general manager', zh: '分公司总经理' },
  'sales-general-manager': { en: 'Sales general manager', zh: '销售总经理' },
  'deputy-general-manager-sales': { en: 'Deputy general manager, sales', zh: '销售副总' },
  'sales-manager': { en: 'Sales department manager', zh: '销售部经理' },
  'regional-manager': { en: 'Regional manager', zh: '区域经理' },
  'sales-administrator': { en: 'Sales administrator', zh: '销售内勤' },
  'sales-support-clerk': { en: 'Sales support clerk', zh: '助销员' },
  'order-clerk': { en: 'Order clerk', zh: '开单员' },
  'finished-goods-keeper': { en: 'Finished-goods keeper', zh: '成品仓库管员' },
  finance: { en: 'Finance', zh: '财务' },
  'technical-department': { en: 'Technical department', zh: '技术部' },
  'production-department': { en: 'Production department', zh: '生产部' },
  office: { en: 'Office', zh: '公司办公室' },
  administration: { en: 'Administration', zh: '行政部' },
  'marketing-section': { en: 'Marketing section', zh: '市场营销科' },
  'market-researcher': { en: 'Market researcher', zh: '市场调研人员' },
  'public-relations': { en: 'Public relations', zh: '公关人员' },
  operations: { en: 'Operations staff', zh: '营业人员' },
  salesperson: { en: 'Salesperson', zh: '销售人员' },
  distributor: { en: 'Distributor', zh: '经销商' },
  probationer: { en: 'Probationer or intern', zh: '试用、实习人员' },
  trainer: { en: 'Trainer', zh: '市场营销讲师' },
  'human-resources': { en: 'Human resources', zh: '人力资源' },
  'quality-control': { en: 'Quality control', zh: '质检' },
  'sample-keeper': { en: 'Sample keeper', zh: '样板保管' },
  'head-of-department': { en: 'Head of department', zh: '相关部门主管' },
  auditor: { en: 'Auditor', zh: '审计' },
  'system-administrator': { en: 'System administrator', zh: '系统管理员' },

  // no people
  system: { en: 'System', zh: '系统' },
  importer: { en: 'Importer of history', zh: '历史数据导入' },
} satisfies Record<string, Label>;
