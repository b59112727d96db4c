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
  dueOn: { en: 'Due on', zh: '截止日期' },
} satisfies Record<string, Label>;
