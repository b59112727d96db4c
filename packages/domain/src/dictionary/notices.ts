import type { Label } from './label.js';

/** Notices: what somebody has to know or to do, and the ways they reach a person. */
export const notices = {
  notice: { en: 'Notice', zh: '通知' },
  'inbound-mail': { en: 'Inbound mail', zh: '来信' },
  attachment: { en: 'Attachment', zh: '附件' },

  // kinds
  'notice.approval': { en: 'Approval requested', zh: '待审批' },
  'notice.reminder': { en: 'Reminder', zh: '提醒' },
  'notice.breach': { en: 'Deadline missed', zh: '已超时' },
  'notice.alert': { en: 'Alert', zh: '警报' },
  'notice.task': { en: 'Task', zh: '任务' },
  'notice.information': { en: 'For information', zh: '知会' },

  // moves
  'mark-read': { en: 'Mark as read', zh: '标为已读' },
  'set-preferences': { en: 'Set preferences', zh: '设置通知偏好' },
  attach: { en: 'Attach', zh: '关联' },
} satisfies Record<string, Label>;
