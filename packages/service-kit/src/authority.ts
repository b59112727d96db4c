import { authorityLimitEvents, authorityLimitForm } from '@fenxiao/contracts/powers';
import type { Role } from '@fenxiao/contracts/roles';
import { parseDecimal } from '@fenxiao/domain/decimal';
import { domainError } from '@fenxiao/domain/domain-error';
import type { Sql } from '@fenxiao/messaging/sql';
import { approval } from '@fenxiao/procedures/approval';
import { staff } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { bindForm } from './forms.js';
import type { Work } from './work.js';

/**
 * X-04 Authority matrix 审批权限: what is decided × who decides × up to how much, by versions. Declared where the decision
 * is; changed by a proposal of personnel or finance and the general manager's approval.
 */
export interface Authority {
  /** what is decided, a term of the dictionary */
  readonly decision: string;
  readonly measure: 'amount' | 'percent' | 'days';
  /** role → the most it may decide, included; null: without limit; a role that is not named decides nothing */
  readonly declared: { readonly [R in Role]?: string | null };
  /** what the regulation itself fixes: no approval goes beyond it */
  readonly ceiling?: string;
}

/** Six decimals compare every measure. */
const units = (text: string) => parseDecimal(text, 6);

/** What is proposed about powers and limits, the general manager decides. */
export const decidedByGeneralManager = approval({
  clause: 'X-06',
  in: 'proposed',
  steps: [{ name: 'approval', slots: [{ 'general-manager': 'all' }] }],
  approved: 'approved',
  rejected: 'rejected',
  facts: { approved: 'approved', rejected: 'rejected' },
});

export const authorityLimit = (service: string, authorities: readonly Authority[]) =>
  bindForm(
    procedure({
      name: 'authority-limit',
      clause: 'X-04',
      events: authorityLimitEvents(service),
      states: ['proposed', 'approved', 'rejected'],
      read: staff,
      start: {
        move: 'propose',
        to: 'proposed',
        by: { 'human-resources': 'all', finance: 'all', 'deputy-general-manager-sales': 'all' },
        form: authorityLimitForm,
        fact: 'proposed',
      },
      moves: decidedByGeneralManager,
    }),
    {
      region: () => null,
      onOpen: ({ decision, role, limit, validFrom }, work) => {
        if (validFrom < work.today) throw inThePast({ date: validFrom }, { field: 'validFrom' });
        const authority = authorities.find((known) => known.decision === decision);
        if (!authority || authority.declared[role] === undefined)
          throw unknownAuthority({ decision, role }, { field: 'decision' });
        const { ceiling } = authority;
        if (ceiling !== undefined && (limit === undefined || units(limit) > units(ceiling)))
          throw aboveCeiling({ decision, ceiling }, { field: 'limit' });
      },
    },
  );

/** The limit in force today for each role of a decision. */
export async function limitsOf(
  sql: Sql,
  { decision, declared }: Authority,
  today: string,
): Promise<Readonly<Record<string, string | null>>> {
  const changes = await sql.query<{ role: string; limit: string | null }>(
    `SELECT DISTINCT ON (form->>'role') form->>'role' AS role, form->>'limit' AS "limit" FROM form_document
     WHERE procedure = 'authority-limit' AND state = 'approved' AND form->>'decision' = $1 AND form->>'validFrom' <= $2
     ORDER BY form->>'role', form->>'validFrom' DESC, entered_at DESC, id DESC`,
    [decision, today],
  );
  return { ...declared, ...Object.fromEntries(changes.map(({ role, limit }) => [role, limit])) };
}

/**
 * Refuses a decision above what the role may decide today.
 * @param value money, percent or days, as the authority is measured
 * @throws aboveAuthority naming the clause X-04
 */
export async function requireAuthority(work: Work, authority: Authority, role: Role, value: string): Promise<void> {
  const limit = (await limitsOf(work, authority, work.today))[role];
  if (limit === null) return;
  if (limit === undefined || units(value) > units(limit))
    throw aboveAuthority({ decision: authority.decision, role, limit: limit ?? '—', value });
}

export const aboveAuthority = domainError({
  code: 'authority.above-limit',
  kind: 'forbidden',
  rule: 'X-04',
  en: '{role} may decide on {decision} up to {limit}; this is {value}.',
  zh: '{role}对{decision}的审批权限为{limit}以内；本次为{value}。',
});
const unknownAuthority = domainError({
  code: 'authority.unknown',
  kind: 'unprocessable',
  rule: 'X-04',
  en: '{role} decides on no {decision} here.',
  zh: '此处{role}无权审批{decision}。',
});
const aboveCeiling = domainError({
  code: 'authority.above-ceiling',
  kind: 'unprocessable',
  rule: 'X-04',
  en: 'The regulation itself ends {decision} at {ceiling}.',
  zh: '制度规定{decision}上限为{ceiling}。',
});
const inThePast = domainError({
  code: 'authority.in-the-past',
  kind: 'unprocessable',
  rule: 'X-04',
  en: 'Limits can not be changed in the past ({date}).',
  zh: '审批权限变更的生效日期（{date}）不得早于今天。',
});
