import type { Label } from './label.js';

/** C-12 to C-15, C-17: complaints about service, penalties from complaints, customers' opinions. */
export const serviceComplaints = {
  'service-complaint': { en: 'Service complaint', zh: '服务投诉' },
  'page.service-complaint': { en: 'Service complaint handling form', zh: '客户投诉服务处理表' },

  // states and facts
  'service-complaint.logged': { en: 'Logged', zh: '已登记' },
  'service-complaint.opened': { en: 'Form opened', zh: '已填表' },
  'service-complaint.with-department': { en: 'With the department', zh: '部门处理中' },
  'service-complaint.handled': { en: 'Handled', zh: '已处理' },
  'service-complaint.copied-to-office': { en: 'Copy sent to the office', zh: '复印件已送办公室' },
  'service-complaint.archived': { en: 'Archived', zh: '已备档' },
  'service-complaint.severity-changed': { en: 'Severity changed', zh: '情节等级已变更' },
  'service-complaint.escalated': { en: 'Reported to the office', zh: '已上报办公室' },
  'service-complaint.sent-to-department': { en: 'Sent to the department', zh: '已转交部门' },
  'service-complaint.verified': { en: 'Verified', zh: '已查实' },
  'service-complaint.settled': { en: 'Settled', zh: '已作出处理结果' },
  'service-complaint.customer-informed': { en: 'Customer told', zh: '已告知客户' },
  'service-complaint.copy-sent': { en: 'Copy sent', zh: '复印件已送出' },
  'service-complaint.copy-filed': { en: 'Copy filed', zh: '复印件已留档' },

  // moves
  'service-complaint.log': { en: 'Log', zh: '登记' },
  'service-complaint.open': { en: 'Open the form', zh: '填写处理表' },
  'service-complaint.raise-severity': { en: 'Raise the severity', zh: '上调情节等级' },
  'service-complaint.lower-severity': { en: 'Lower the severity', zh: '下调情节等级' },
  'service-complaint.escalate': { en: 'Report to the office', zh: '上报办公室' },
  'service-complaint.send-to-department': { en: 'Send to the department', zh: '转交部门' },
  'service-complaint.handle': { en: 'Handle', zh: '处理' },
  'service-complaint.verify': { en: 'Verify', zh: '查实' },
  'service-complaint.settle': { en: 'Settle', zh: '作出处理结果' },
  'service-complaint.inform-customer': { en: 'Tell the customer', zh: '告知客户' },
  'service-complaint.send-copy': { en: 'Send the copy to the office', zh: '送办公室留档' },
  'service-complaint.receive-copy': { en: 'Receive the copy', zh: '签收复印件' },

  // fields
  'service-complaint.receivedAt': { en: 'Received at', zh: '投诉时间' },
  'service-complaint.accusedId': { en: 'Person at fault', zh: '投诉责任人' },
  'service-complaint.severity': { en: 'Severity', zh: '情节大小' },
  'service-complaint.standard': { en: 'Service standard broken', zh: '所违反的服务标准' },
  'service-complaint.suggestion': { en: 'What sales suggests', zh: '销售部处理建议' },
  'service-complaint.handlerId': { en: 'Handled by', zh: '经办人' },
  'service-complaint.measures': { en: 'What the department did', zh: '部门处理措施' },
  'service-complaint.founded': { en: 'Found to be true', zh: '是否属实' },
  'service-complaint.informedOn': { en: 'Customer told on', zh: '告知客户日期' },
  'service-complaint.way': { en: 'Told by', zh: '告知方式' },
  'service-complaint.digest': { en: 'Hash of the copy', zh: '复印件校验值' },

  // values
  'service-complaint.minor': { en: 'Minor', zh: '轻微' },
  'service-complaint.medium': { en: 'Medium', zh: '一般' },
  'service-complaint.serious': { en: 'Serious', zh: '严重' },
  'service-complaint.grave': { en: 'Grave', zh: '十分严重' },
  'service-complaint.visit': { en: 'Visit', zh: '来访' },
  'service-complaint.mail': { en: 'Mail', zh: '信函' },
  'service-complaint.fax': { en: 'Fax', zh: '传真' },
  'service-complaint.web': { en: 'Web', zh: '网上' },
  'service-complaint.delivery': { en: 'On delivery', zh: '送货时' },
  'service-complaint.history': { en: 'Old register', zh: '历史登记' },
} satisfies Record<string, Label>;
