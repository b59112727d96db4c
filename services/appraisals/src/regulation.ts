import { regulationEvents, regulationForm, type RegulationType } from '@fenxiao/contracts/regulations';
import type { BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { approval } from '@fenxiao/procedures/approval';
import { staff } from '@fenxiao/procedures/powers';
import { procedure, type Powers } from '@fenxiao/procedures/procedure';
import { hasRole } from '@fenxiao/service-kit/actor';
import { follow, lock } from '@fenxiao/service-kit/engine';
import { bindForm, type FormDocument } from '@fenxiao/service-kit/forms';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';

/**
 * X-10 Rules as documents 公示与教育, X-11 Department rules 管理制度, 岗位责任制, 操作程序文件: drafted, approved by another, in force
 * from the start of its day, replaced by its next version.
 */
type Form = z.infer<typeof regulationForm>;
const contentOf = (document: FormDocument) => document.form as Form;

const owners: Powers = { 'sales-manager': 'all' };
const writers: Powers = {
  ...owners,
  'human-resources': 'all',
  'deputy-general-manager-sales': 'all',
  office: 'all',
};
/** what each department has of its own; the sales manager answers for all of them. */
const ofDepartments: readonly z.infer<typeof RegulationType>[] = [
  'management-system',
  'job-responsibility',
  'operating-procedure',
];

export const regulation = bindForm(
  procedure({
    name: 'regulation',
    clause: 'X-10',
    events: regulationEvents,
    states: ['draft', 'approved', 'effective', 'replaced', 'rejected', 'withdrawn'],
    read: staff,
    start: { move: 'draw-up', to: 'draft', by: writers, form: regulationForm, fact: 'drafted' },
    moves: {
      ...approval({
        in: 'draft',
        steps: [
          {
            name: 'approval',
            slots: [{ 'sales-general-manager': 'all', 'branch-general-manager': 'all', 'general-manager': 'all' }],
          },
        ],
        approved: 'approved',
        rejected: 'rejected',
        facts: { approved: 'approved', rejected: 'rejected' },
      }),
      takeEffect: {
        from: 'approved',
        to: 'effective',
        by: { system: 'all' },
        fact: 'effective',
        clock: {
          within: (document: FormDocument, calendar: BusinessCalendar) =>
            calendar.startOfDay(contentOf(document).effectiveFrom),
          remindDaysBefore: [],
          breach: 'takeEffect',
        },
      },
      replace: { from: 'effective', to: 'replaced', by: { system: 'all' }, fact: 'replaced' },
      withdraw: { from: ['draft', 'approved'], to: 'withdrawn', by: writers, fact: 'withdrawn', reason: true },
    },
  }),
  {
    region: () => null,
    onOpen: async (form, work) => {
      requireWhole(form, work);
      // Two drafts of one document at the same moment would both be the next version.
      await work.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`regulation ${form.code}`]);
      const [{ last } = { last: 0 }] = await work.query<{ last: number }>(
        `SELECT coalesce(max((form->>'version')::int), 0) AS last FROM form_document
         WHERE procedure = 'regulation' AND form->>'code' = $1 AND state NOT IN ('rejected', 'withdrawn')`,
        [form.code],
      );
      if (form.version !== last + 1) throw notNext({ code: form.code, next: last + 1 }, { field: 'version' });
    },
    effects: {
      approve: (document, _, work) => requireAhead(contentOf(document), work),
      takeEffect: async (document, _, work) => {
        const old = await work.query<{ id: string }>(
          `SELECT id FROM form_document WHERE procedure = 'regulation' AND state = 'effective' AND form->>'code' = $1 AND id <> $2
           ORDER BY id`,
          [contentOf(document).code, document.id],
        );
        for (const { id } of old) await follow(work, regulation, await lock(work, regulation, id), 'replace');
      },
    },
    follows: {
      approve: async (document, work) => {
        if (contentOf(document).effectiveFrom === work.today) await follow(work, regulation, document, 'takeEffect');
      },
    },
  },
);

function requireWhole(form: Form, work: Work): void {
  if (form.text === undefined && form.file === undefined) throw noText({}, { field: 'text' });
  requireAhead(form, work);
  if (!ofDepartments.includes(form.type)) return;
  if (form.department === undefined) throw noDepartment({}, { field: 'department' });
  if (!hasRole(work.actor, owners)) throw notOwner();
}

/** Nobody could have kept a rule before it was there. */
function requireAhead({ effectiveFrom }: Form, work: Work): void {
  if (effectiveFrom < work.today) throw inThePast({ date: effectiveFrom }, { field: 'effectiveFrom' });
}

const noText = domainError({
  code: 'appraisals.regulation.no-text',
  kind: 'unprocessable',
  rule: 'X-10',
  en: 'A regulation has its text, or the file that holds it.',
  zh: '规章制度须有正文或正文文件。',
});
const notNext = domainError({
  code: 'appraisals.regulation.not-next',
  kind: 'conflict',
  rule: 'X-10',
  en: 'The next version of {code} is {next}.',
  zh: '{code}的下一版本号应为{next}。',
});
const inThePast = domainError({
  code: 'appraisals.regulation.in-the-past',
  kind: 'unprocessable',
  rule: 'X-10',
  en: 'A regulation can not take effect in the past ({date}).',
  zh: '规章制度的生效日期（{date}）不得早于今天。',
});
const noDepartment = domainError({
  code: 'appraisals.regulation.no-department',
  kind: 'unprocessable',
  rule: 'X-11',
  en: 'A document of this type belongs to a department.',
  zh: '此类文件须注明所属部门。',
});
const notOwner = domainError({
  code: 'appraisals.regulation.not-owner',
  kind: 'forbidden',
  rule: 'X-11',
  en: "The departments' own documents are made by the sales manager.",
  zh: '部门管理制度、岗位责任制、操作程序文件由销售部经理制订。',
});
