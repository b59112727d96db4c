import { qualityStandardEvents, qualityStandardForm } from '@fenxiao/contracts/goods';
import { domainError } from '@fenxiao/domain/domain-error';
import { approval } from '@fenxiao/procedures/approval';
import { staff } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { bindForm } from '@fenxiao/service-kit/forms';
import type { Work } from '@fenxiao/service-kit/work';

/** O-41 Quality standards 质量标准: the register of what goods are inspected by; made by quality control, approved by the technical department. */
export const qualityStandard = bindForm(
  procedure({
    name: 'quality-standard',
    clause: 'O-41',
    events: qualityStandardEvents,
    states: ['proposed', 'in-force', 'rejected', 'withdrawn'],
    read: staff,
    page: { title: 'quality-standard', sign: ['quality-control', 'technical-department'] },
    start: {
      move: 'propose',
      to: 'proposed',
      by: { 'quality-control': 'all' },
      form: qualityStandardForm,
      fact: 'proposed',
    },
    moves: {
      ...approval({
        in: 'proposed',
        steps: [{ name: 'standard', slots: [{ 'technical-department': 'all' }] }],
        approved: 'in-force',
        rejected: 'rejected',
        facts: { approved: 'approved', rejected: 'rejected' },
      }),
      withdraw: {
        from: 'in-force',
        to: 'withdrawn',
        by: { 'quality-control': 'all' },
        fact: 'withdrawn',
        reason: true,
      },
    },
  }),
  { series: 'ZB', region: () => null },
);

/** The code of a standard in force that is for this family. @throws notInForce, otherFamily */
export async function standardFor(work: Work, id: string, family: string): Promise<string> {
  const [found] = await work.query<{ code: string; family: string | null; state: string }>(
    `SELECT form->>'code' AS code, form->>'family' AS family, state FROM form_document WHERE id = $1 AND procedure = 'quality-standard'`,
    [id],
  );
  if (found?.state !== 'in-force') throw notInForce({}, { field: 'standardId' });
  if (found.family !== null && found.family !== family)
    throw otherFamily({ standard: found.code, family: found.family }, { field: 'standardId' });
  return found.code;
}

const notInForce = domainError({
  code: 'orders.inspection.standard-not-in-force',
  kind: 'unprocessable',
  rule: 'O-41',
  en: 'Goods are inspected by a standard that is in force.',
  zh: '检验须依据现行有效的质量标准。',
});
const otherFamily = domainError({
  code: 'orders.inspection.standard-of-other-family',
  kind: 'unprocessable',
  rule: 'O-41',
  en: 'Standard {standard} is for {family}.',
  zh: '标准{standard}仅适用于{family}。',
});
