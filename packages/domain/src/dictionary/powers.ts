import type { Label } from './label.js';

/** powers, authority, acting for somebody, approvals. */
export const powers = {
  'power-change': { en: 'Change of powers', zh: '权限变更' },
  'authority-limit': { en: 'Limit of authority', zh: '审批权限' },
  read: { en: 'Read', zh: '查看' },
  power: { en: 'Power', zh: '权限' },
  procedure: { en: 'Procedure', zh: '流程' },
  move: { en: 'Move', zh: '操作' },
  decision: { en: 'Decision', zh: '审批事项' },
  'authority-limit.limit': { en: 'Limit, included', zh: '权限上限（含）' },
  never: { en: 'Never', zh: '禁止' },
  'as-declared': { en: 'As the regulations say', zh: '按制度规定' },
  absentId: { en: 'Absent manager', zh: '外出经理' },
  delegateId: { en: 'Who acts', zh: '代理人' },
  'delegation.from': { en: 'From', zh: '自' },
  announce: { en: 'Announce absence', zh: '登记外出' },
  announced: { en: 'Announced', zh: '已登记' },
  begin: { en: 'Begin', zh: '开始代理' },
  started: { en: 'Acting', zh: '代理中' },
  'delegation.end': { en: 'End', zh: '结束代理' },
  reassign: { en: 'Hand the signature on', zh: '转交签字' },
  to: { en: 'To', zh: '转交给' },
} satisfies Record<string, Label>;
