import { agreementAcceptanceEvents, agreementAcceptanceForm } from '@fenxiao/contracts/regulations';
import { months } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { ownMatters, staff } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { follow, lock } from '@fenxiao/service-kit/engine';
import { bindForm } from '@fenxiao/service-kit/forms';
import type { z } from 'zod';

/** X-20 Secrets agreement 保密协议: everybody accepts the version in force, for a year. */
export const agreementAcceptance = bindForm(
  procedure({
    name: 'agreement-acceptance',
    clause: 'X-20',
    events: agreementAcceptanceEvents,
    states: ['accepted', 'renewed', 'lapsed'],
    read: { ...ownMatters, 'human-resources': 'all', 'sales-manager': 'all', auditor: 'all' },
    start: { move: 'accept', to: 'accepted', by: staff, form: agreementAcceptanceForm, fact: 'accepted' },
    moves: {
      renew: { from: 'accepted', to: 'renewed', by: { system: 'all' }, fact: 'renewed' },
      lapse: {
        from: 'accepted',
        to: 'lapsed',
        by: { system: 'all' },
        fact: 'lapsed',
        clock: { within: months(12), remindDaysBefore: [30, 7, 1], breach: 'lapse' },
      },
    },
  }),
  {
    region: () => null,
    onOpen: async ({ agreementId }, work) => {
      const [inForce] = await work.query(
        `SELECT FROM form_document WHERE id = $1 AND procedure = 'regulation' AND state = 'effective'
           AND form->>'type' = 'secrets-agreement'`,
        [agreementId],
      );
      if (!inForce) throw notInForce({}, { field: 'agreementId' });
    },
    follows: {
      accept: async (document, work) => {
        const { agreementId } = document.form as z.infer<typeof agreementAcceptanceForm>;
        const before = await work.query<{ id: string }>(
          `SELECT a.id FROM form_document a
           JOIN form_document of ON of.id = (a.form->>'agreementId')::uuid
           JOIN form_document now ON now.id = $1 AND now.form->>'code' = of.form->>'code'
           WHERE a.procedure = 'agreement-acceptance' AND a.state = 'accepted' AND a.created_by = $2 AND a.id <> $3 ORDER BY a.id`,
          [agreementId, document.createdBy, document.id],
        );
        for (const { id } of before)
          await follow(work, agreementAcceptance, await lock(work, agreementAcceptance, id), 'renew');
      },
    },
  },
);

const notInForce = domainError({
  code: 'appraisals.agreement-acceptance.not-in-force',
  kind: 'conflict',
  rule: 'X-20',
  en: 'The agreement accepted is the version in force.',
  zh: '须签署现行有效版本的保密协议。',
});
