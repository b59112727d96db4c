import type { Label } from './label.js';

/** C-18: surveys of customers' satisfaction. */
export const surveys = {
  survey: { en: 'Customer survey', zh: '客户满意度调查' },
  'survey.issued': { en: 'Issued', zh: '已发起' },
  'survey.delivered': { en: 'Link handed over', zh: '链接已送达' },
  'survey.answered': { en: 'Answered', zh: '已作答' },
  'survey.expired': { en: 'Expired unanswered', zh: '逾期未答' },

  'survey.issue': { en: 'Issue', zh: '发起' },
  'survey.deliver': { en: 'Note that the link was handed over', zh: '登记链接已送达' },
  'survey.arrive': { en: 'Note that the link has arrived', zh: '登记链接已收到' },
  'survey.answer': { en: 'Answer', zh: '作答' },
  'survey.expire': { en: 'Let expire', zh: '逾期' },
  'survey.show-link': { en: 'Show the link', zh: '查看链接' },

  'survey.kind': { en: 'Survey of', zh: '调查类别' },
  'survey.aboutId': { en: 'What it is about', zh: '调查对象' },
  'survey.aboutNumber': { en: 'Number of what it is about', zh: '调查对象编号' },
  'survey.period': { en: 'Half-year', zh: '半年度' },
  'survey.issuedOn': { en: 'Issued on', zh: '发起日期' },
  'survey.expiresOn': { en: 'To be answered by', zh: '截止日期' },
  'survey.deliveredOn': { en: 'Handed over on', zh: '送达日期' },
  'survey.way': { en: 'Handed over by', zh: '送达方式' },
  'survey.answeredOn': { en: 'Answered on', zh: '作答日期' },
  'survey.score': { en: 'Score', zh: '评分' },
  'survey.comment': { en: 'Comment', zh: '客户意见' },
  'survey.opinionId': { en: 'Opinion recorded of it', zh: '由此登记的客户意见' },

  'survey.delivery': { en: 'Delivery', zh: '送货' },
  'survey.complaint': { en: 'Complaint handling', zh: '投诉处理' },
  'survey.nps': { en: 'Recommendation (NPS)', zh: '推荐意愿（NPS）' },
  'survey.message': { en: 'Message', zh: '短信或即时消息' },
  'survey.mail': { en: 'Mail', zh: '邮件' },
  'survey.visit': { en: 'In person', zh: '当面' },

  'job.issue-nps-surveys': { en: 'Issue the half-yearly surveys', zh: '发起半年度客户调查' },
} satisfies Record<string, Label>;
