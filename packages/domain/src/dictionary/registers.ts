import type { Label } from './label.js';

/** working together, policies, rules as documents, laws, agreements, equipment. */
export const registers = {
  // working together, alerts, policies
  'shared-task': { en: 'Shared task', zh: '协同任务' },
  alert: { en: 'Major matter', zh: '重大事项上报' },

  // states and moves
  raised: { en: 'Raised', zh: '已上报' },
  escalated: { en: 'Passed to the second recipient', zh: '已转报' },
  acknowledged: { en: 'Acknowledged', zh: '已确认' },
  raise: { en: 'Raise', zh: '上报' },
  escalate: { en: 'Pass to the second recipient', zh: '转报' },
  acknowledge: { en: 'Acknowledge', zh: '确认' },
  replied: { en: 'Replied', zh: '已回复' },
  done: { en: 'Done', zh: '已办结' },
  reply: { en: 'Reply', zh: '回复' },
  reopen: { en: 'Open again', zh: '重新开启' },
  'fall-overdue': { en: 'Fall overdue', zh: '逾期' },
  'shared-task.open': { en: 'Open', zh: '待办' },

  // fields
  recipient: { en: 'Recipient', zh: '上报对象' },
  title: { en: 'Title', zh: '标题' },
  answerWithinMinutes: { en: 'Answer within (minutes)', zh: '确认时限（分钟）' },
  instruction: { en: 'Instruction', zh: '批示' },
  partnerId: { en: 'Partner in the other department', zh: '协同部门负责人' },

  // rules as documents, who has read and accepted them
  regulation: { en: 'Regulation', zh: '规章制度' },
  'read-confirmation': { en: 'Read confirmation', zh: '阅读确认' },
  'agreement-acceptance': { en: 'Acceptance of the secrets agreement', zh: '保密协议签署' },
  'company-rule': { en: "The company's rules", zh: '公司规章制度' },
  'management-system': { en: 'Management system', zh: '管理制度' },
  'job-responsibility': { en: 'Job responsibilities', zh: '岗位责任制' },
  'operating-procedure': { en: 'Operating procedure', zh: '操作程序文件' },
  'secrets-agreement': { en: 'Secrets agreement', zh: '保密协议' },
  renewed: { en: 'Renewed', zh: '已续签' },
  lapsed: { en: 'Lapsed', zh: '已到期失效' },
  'agreement-acceptance.accepted': { en: 'Accepted', zh: '已签署' },
  'agreement-acceptance.accept': { en: 'Accept', zh: '签署' },
  renew: { en: 'Renew', zh: '续签' },
  lapse: { en: 'Lapse', zh: '到期失效' },
  'regulation.replace': { en: 'Replace', zh: '替代' },
  'draw-up': { en: 'Draw up', zh: '起草' },
  type: { en: 'Type', zh: '类型' },
  file: { en: 'File', zh: '文件' },
  sha256: { en: 'SHA-256', zh: 'SHA-256 校验值' },
  clauses: { en: 'Clauses it covers', zh: '涵盖条款' },
  mustBeReadFirst: { en: 'Must be read before any work', zh: '上岗前必读' },
  regulationId: { en: 'Regulation', zh: '规章制度' },
  agreementId: { en: 'Agreement', zh: '保密协议' },
  dueOn: { en: 'Due on', zh: '截止日期' },
} satisfies Record<string, Label>;
