import { domainError } from '@fenxiao/domain/domain-error';

/** C-09: what an 8D refuses. */
const rule = 'C-09';

export const noDefect = domainError({
  code: 'complaints.capa.no-defect',
  kind: 'unprocessable',
  rule,
  en: 'Name the complaint, or the defect.',
  zh: '请注明所涉投诉或缺陷。',
});
export const runsAlready = domainError({
  code: 'complaints.capa.runs-already',
  kind: 'conflict',
  rule,
  en: 'The 8D {capa} of this product and defect is under way.',
  zh: '该产品、该缺陷的8D报告{capa}正在进行。',
});
export const teamIncomplete = domainError({
  code: 'complaints.capa.team-incomplete',
  kind: 'unprocessable',
  rule,
  en: 'The team has nobody from {missing}.',
  zh: '小组缺少以下部门的成员：{missing}。',
});
export const notOfDepartment = domainError({
  code: 'complaints.capa.not-of-department',
  kind: 'unprocessable',
  rule,
  en: 'A member holds no position in {department} today.',
  zh: '该成员目前不在{department}任职。',
});
export const leaderOutside = domainError({
  code: 'complaints.capa.leader-outside',
  kind: 'unprocessable',
  rule,
  en: 'The leader is one of the members.',
  zh: '组长须为小组成员。',
});
export const namedTwice = domainError({
  code: 'complaints.capa.named-twice',
  kind: 'unprocessable',
  rule,
  en: 'A person sits in the team once.',
  zh: '同一人不得重复列入小组。',
});
export const notContained = domainError({
  code: 'complaints.capa.not-contained',
  kind: 'conflict',
  rule,
  en: 'The containment of {number} is not recorded yet, so it can not be confirmed.',
  zh: '{number}尚未记录临时遏制措施，不得确认。',
});
export const inTheFuture = domainError({
  code: 'complaints.capa.in-the-future',
  kind: 'unprocessable',
  rule,
  en: 'What is planned for {date} is not carried out.',
  zh: '{date}尚未到来，不得登记为已实施。',
});
export const beforeItsCause = domainError({
  code: 'complaints.capa.before-its-cause',
  kind: 'unprocessable',
  rule,
  en: 'On {date} the present round had not begun.',
  zh: '{date}早于本轮开始日期。',
});
export const ownWork = domainError({
  code: 'complaints.capa.own-work',
  kind: 'forbidden',
  rule,
  en: 'Whoever carried out the action does not verify its effect.',
  zh: '措施实施人不得验证其效果。',
});
export const tooEarly = domainError({
  code: 'complaints.capa.too-early',
  kind: 'unprocessable',
  rule,
  en: 'The effect is checked on {date} or later.',
  zh: '效果验证不得早于{date}。',
});
