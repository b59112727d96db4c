import { domainError } from '@fenxiao/domain/domain-error';

/** C-04, C-08: what the form refuses. */
const rule = 'C-04';

export const managerPresent = domainError({
  code: 'complaints.quality-complaint-form.manager-present',
  kind: 'forbidden',
  rule,
  en: 'The sales manager is here and not complained of, and opens the form in person.',
  zh: '销售经理在岗且未被投诉，处理表应由销售经理本人填写。',
});
export const complainedOf = domainError({
  code: 'complaints.quality-complaint-form.complained-of',
  kind: 'forbidden',
  rule,
  en: 'Whoever is complained of has no hand in the form.',
  zh: '被投诉人不得经手处理表。',
});
export const historicComplaint = domainError({
  code: 'complaints.quality-complaint-form.historic',
  kind: 'unprocessable',
  rule,
  en: 'The complaint {complaint} is of another register; no form is opened about it.',
  zh: '投诉{complaint}系历史档案，不再填写处理表。',
});
export const oneForm = domainError({
  code: 'complaints.quality-complaint-form.one-form',
  kind: 'conflict',
  rule,
  en: 'The complaint {complaint} has its form: {form}.',
  zh: '投诉{complaint}已有处理表{form}。',
});
export const closedAlready = domainError({
  code: 'complaints.quality-complaint-form.complaint-closed',
  kind: 'conflict',
  rule,
  en: 'The complaint {complaint} is archived; nothing is written about it any more.',
  zh: '投诉{complaint}已归档，不得再填写处理表。',
});
export const notYourSection = domainError({
  code: 'complaints.quality-complaint-form.not-your-section',
  kind: 'forbidden',
  rule,
  en: 'A department fills and signs its own section only; this one is of {department}.',
  zh: '各部门只能填写、签署本部门栏目；此栏属于{department}。',
});
export const headSigns = domainError({
  code: 'complaints.quality-complaint-form.head-signs',
  kind: 'forbidden',
  rule,
  en: 'The head of {department} signs its section.',
  zh: '{department}栏目应由该部门主管签字。',
});
export const notRouted = domainError({
  code: 'complaints.quality-complaint-form.not-routed',
  kind: 'unprocessable',
  rule,
  en: 'The form was not routed to {department}.',
  zh: '处理表未送至{department}。',
});
export const routedTwice = domainError({
  code: 'complaints.quality-complaint-form.routed-twice',
  kind: 'unprocessable',
  rule,
  en: 'A department has one section.',
  zh: '同一部门不得重复列入。',
});
export const sectionLocked = domainError({
  code: 'complaints.quality-complaint-form.section-locked',
  kind: 'conflict',
  rule,
  en: 'The section of {department} is signed and locked.',
  zh: '{department}栏目已签字锁定，不得更改。',
});
export const sectionEmpty = domainError({
  code: 'complaints.quality-complaint-form.section-empty',
  kind: 'conflict',
  rule,
  en: 'The section of {department} is empty: fill it before it is signed.',
  zh: '{department}栏目尚未填写，不得签字。',
});
export const notHandled = domainError({
  code: 'complaints.quality-complaint-form.not-handled',
  kind: 'conflict',
  rule: 'C-08',
  en: 'The complaint {complaint} is not handled yet ({state}); its form is copied when it is.',
  zh: '投诉{complaint}尚未处理结束（{state}），处理结束后方可复印送办公室。',
});
export const otherCopy = domainError({
  code: 'complaints.quality-complaint-form.other-copy',
  kind: 'unprocessable',
  rule: 'C-08',
  en: 'What the office has is not the copy that was sealed: its hash is another.',
  zh: '所收复印件与封存件不符，校验码不一致。',
});
export const outdated = domainError({
  code: 'complaints.quality-complaint-form.outdated',
  kind: 'conflict',
  rule: 'C-08',
  en: 'The complaint {complaint} was opened again after the form was signed: it is opened again as well, and signed anew.',
  zh: '处理表签字后投诉{complaint}又重新处理，须重开处理表并重新签字。',
});
export const notReopened = domainError({
  code: 'complaints.quality-complaint-form.complaint-not-reopened',
  kind: 'conflict',
  rule,
  en: 'The form is opened again when its complaint is; {complaint} is {state}.',
  zh: '投诉重新打开后方可重开处理表；投诉{complaint}现为{state}。',
});
/** T25 */
export const copyMissing = domainError({
  code: 'complaints.complaint.copy-not-received',
  kind: 'conflict',
  rule: 'C-08',
  en: 'The office has not received the copy of the form yet ({form}: {state}); the complaint can not be closed.',
  zh: '办公室尚未签收处理表复印件（{form}：{state}），投诉不得结案。',
});
