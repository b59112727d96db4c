import type { Label } from './label.js';

/** X-01, X-01a, X-02, P-49: people, positions, powers, the organisation chart. */
export const organisation = {
  // aggregates
  account: { en: 'Account', zh: '账号' },
  position: { en: 'Position', zh: '岗位' },
  department: { en: 'Department', zh: '部门' },
  'job-description': { en: 'Job description', zh: '岗位描述' },
  delegation: { en: 'Delegation', zh: '代理授权' },

  // category and kind of staff (X-01a)
  manager: { en: 'Managerial staff', zh: '管理人员' },
  business: { en: 'Business staff', zh: '业务人员' },
  sales: { en: 'Sales', zh: '销售' },
  research: { en: 'Market research', zh: '市场调研' },

  // states and moves of employment
  probation: { en: 'Probation', zh: '试用期' },
  intern: { en: 'Intern', zh: '实习' },
  regular: { en: 'Regular', zh: '正式' },
  left: { en: 'Left', zh: '已离职' },
  register: { en: 'Hire', zh: '录用' },
  'make-regular': { en: 'Make regular', zh: '转正' },
  transfer: { en: 'Transfer', zh: '调岗' },
  leave: { en: 'Leave', zh: '离职' },

  // states and moves of positions and units
  vacant: { en: 'Vacant', zh: '空缺' },
  filled: { en: 'Filled', zh: '在任' },
  assigned: { en: 'Assigned', zh: '已任命' },
  ended: { en: 'Ended', zh: '已结束' },
  abolished: { en: 'Abolished', zh: '已撤销' },
  assign: { en: 'Assign', zh: '任命' },
  end: { en: 'End', zh: '结束' },
  found: { en: 'Found', zh: '设立' },
  abolish: { en: 'Abolish', zh: '撤销' },

  // scopes of a power
  own: { en: 'Own', zh: '本人' },
  all: { en: 'All', zh: '全部' },
  allow: { en: 'Allow', zh: '允许' },
  deny: { en: 'Deny', zh: '禁止' },

  // fields
  fullName: { en: 'Full name', zh: '姓名' },
  staffNumber: { en: 'Staff number', zh: '工号' },
  employment: { en: 'Employment', zh: '用工状态' },
  joinedOn: { en: 'Hired on', zh: '入职日期' },
  lastDay: { en: 'Left on', zh: '离职日期' },
  accountId: { en: 'Account', zh: '账号' },
  personId: { en: 'Person', zh: '人员' },
  positionId: { en: 'Position', zh: '岗位' },
  positions: { en: 'Positions', zh: '岗位' },
  roles: { en: 'Roles', zh: '角色' },
  duties: { en: 'Duties', zh: '岗位职责' },
  permissions: { en: 'Permissions', zh: '权限' },
  resource: { en: 'Resource', zh: '资源' },
  action: { en: 'Action', zh: '操作' },
  scope: { en: 'Scope', zh: '范围' },
  unitId: { en: 'Department', zh: '部门' },
  parentCode: { en: 'Parent department', zh: '上级部门' },
  functions: { en: 'Functions of the department', zh: '部门职能' },
  headOf: { en: 'Head of', zh: '主管' },
  reportsTo: { en: 'Reports to', zh: '汇报对象' },
  employed: { en: 'Employed', zh: '在职' },
  'link-account': { en: 'Link account', zh: '关联账号' },
  support: { en: 'Support', zh: '支持' },
  jobs: { en: 'Job descriptions', zh: '岗位描述' },
} satisfies Record<string, Label>;
