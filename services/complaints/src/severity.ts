import { Severity } from '@fenxiao/contracts/complaints';
import { domainError } from '@fenxiao/domain/domain-error';

/** C-16 Severity 情节大小: raising it is free, lowering it takes the deputy general manager and a reason. */

export const isAtLeast = (severity: Severity, least: Severity) =>
  Severity.options.indexOf(severity) >= Severity.options.indexOf(least);

/** @throws notRaised unless it becomes graver */
export function requireRaised(from: Severity, to: Severity): void {
  if (isAtLeast(from, to)) throw notRaised({ from, to }, { field: 'severity' });
}
/** @throws notLowered unless it becomes less grave */
export function requireLowered(from: Severity, to: Severity): void {
  if (isAtLeast(to, from)) throw notLowered({ from, to }, { field: 'severity' });
}

const notRaised = domainError({
  code: 'complaints.severity.not-raised',
  kind: 'unprocessable',
  rule: 'C-16',
  en: 'From {from} to {to} severity is not raised; lowering it takes the deputy general manager and a reason.',
  zh: '由{from}改为{to}并非上调；下调情节等级须由销售副总办理并说明理由。',
});
const notLowered = domainError({
  code: 'complaints.severity.not-lowered',
  kind: 'unprocessable',
  rule: 'C-16',
  en: 'From {from} to {to} severity is not lowered.',
  zh: '由{from}改为{to}并非下调。',
});
