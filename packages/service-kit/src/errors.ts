import { domainError } from '@fenxiao/domain/domain-error';

/** What the kit itself refuses. A service's own refusals stand beside its rules. */

export const notAuthenticated = domainError({
  code: 'auth.not-authenticated',
  kind: 'unauthenticated',
  rule: 'X-01',
  en: 'A valid access token is needed: {why}.',
  zh: '需要有效的访问令牌：{why}。',
});
export const unknownPerson = domainError({
  code: 'auth.unknown-person',
  kind: 'forbidden',
  rule: 'X-01',
  en: 'This account belongs to no person known here, or to one who has left.',
  zh: '此账号没有对应的在职人员。',
});
export const noPower = domainError({
  code: 'procedure.no-power',
  kind: 'forbidden',
  rule: 'X-02',
  en: 'Your positions do not give the power to "{move}" here; it takes: {roles}.',
  zh: '您的岗位无权在此执行“{move}”；须由以下岗位办理：{roles}。',
});
export const notDaily = domainError({
  code: 'procedure.not-daily',
  kind: 'forbidden',
  rule: 'X-05',
  en: 'Acting for an absent manager covers daily operation only; "{move}" waits for the manager.',
  zh: '代理经理职务仅限日常运作；“{move}”须待经理本人办理。',
});
export const outsideScope = domainError({
  code: 'procedure.outside-scope',
  kind: 'forbidden',
  rule: 'X-20',
  en: 'This belongs to another region, unit or person.',
  zh: '该对象属于其他区域、部门或人员。',
});
export const moveNotAllowed = domainError({
  code: 'procedure.move-not-allowed',
  kind: 'conflict',
  rule: 'X-03',
  en: '"{move}" is not possible in state "{state}"; possible now: {allowed}.',
  zh: '当前状态“{state}”不能执行“{move}”；目前可执行：{allowed}。',
});
export const ownMatter = domainError({
  code: 'procedure.own-matter',
  kind: 'forbidden',
  rule: 'X-06',
  en: 'Nobody decides on their own request.',
  zh: '任何人不得审批自己提出的申请。',
});
export const notFound = domainError({
  code: 'request.not-found',
  kind: 'not-found',
  en: 'There is no {what} with this id.',
  zh: '不存在该编号的{what}。',
});
export const invalidForm = domainError({
  code: 'request.invalid',
  kind: 'invalid',
  en: 'The form has {count} error(s); the first: {first}',
  zh: '表单有{count}处错误；第一处：{first}',
});
export const invalidQuery = domainError({
  code: 'request.invalid-query',
  kind: 'invalid',
  en: 'The query has {count} error(s); the first: {first}',
  zh: '查询参数有{count}处错误；第一处：{first}',
});
export const invalidHeader = domainError({
  code: 'request.invalid-header',
  kind: 'invalid',
  en: 'The header {name} is wrong: {why}',
  zh: '请求头 {name} 有误：{why}',
});
export const notAnObject = domainError({
  code: 'request.not-an-object',
  kind: 'invalid',
  en: 'The body must be a JSON object.',
  zh: '请求正文须为 JSON 对象。',
});
export const tooDeep = domainError({
  code: 'request.too-deep',
  kind: 'invalid',
  en: 'The body is nested more than {most} levels deep.',
  zh: '请求正文嵌套超过{most}层。',
});
export const unkeepableText = domainError({
  code: 'request.unkeepable-text',
  kind: 'invalid',
  en: 'A text holds U+0000 or half a surrogate pair, which can not be kept: {field}',
  zh: '文本含有无法保存的字符（U+0000 或不成对的代理字符）：{field}',
});
export const outOfRange = domainError({
  code: 'request.out-of-range',
  kind: 'invalid',
  en: 'A value is outside of what can be kept, or not of the kind it is compared with.',
  zh: '某个值超出可保存的范围，或与其比较对象的类型不符。',
});
export const takenMeanwhile = domainError({
  code: 'request.taken-meanwhile',
  kind: 'conflict',
  en: 'Somebody else made the same at this moment. Read it again.',
  zh: '他人刚刚作了相同的登记，请重新读取。',
});
export const staleVersion = domainError({
  code: 'request.stale-version',
  kind: 'stale',
  en: 'Somebody changed this after you read it (yours: {seen}, now: {current}). Read it again.',
  zh: '您读取之后他人已作修改（您的版本：{seen}，现版本：{current}）。请重新读取。',
});
export const versionNeeded = domainError({
  code: 'request.version-needed',
  kind: 'precondition-required',
  en: 'This edit needs an If-Match header with the ETag you read.',
  zh: '此修改须带 If-Match 请求头，其值为读取时的 ETag。',
});
export const keyReused = domainError({
  code: 'request.idempotency-key-reused',
  kind: 'unprocessable',
  en: 'This Idempotency-Key was used with another request.',
  zh: '此 Idempotency-Key 已用于另一请求。',
});
export const notReady = domainError({
  code: 'service.not-ready',
  kind: 'unavailable',
  en: 'The service can not answer just now; try again.',
  zh: '服务暂时无法应答，请稍后再试。',
});
