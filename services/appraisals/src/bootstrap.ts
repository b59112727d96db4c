import { system } from '@fenxiao/service-kit/actor';
import { open } from '@fenxiao/service-kit/engine';
import type { ServiceContext } from '@fenxiao/service-kit/service';
import type { AppraisalsConfig } from './config.js';
import { person } from './person.js';
import { position } from './position.js';

/**
 * before anybody has registered anybody, the accounts of the administrator, the import and the reconciliation are made
 * known, each as a person of its own, so that from the first day every action is somebody's.
 */
export async function bootstrap({ config, transactions }: ServiceContext<AppraisalsConfig>): Promise<void> {
  const first = [
    {
      account: config.BOOTSTRAP_ADMIN_SUBJECT,
      staffNumber: 'SYSADMIN',
      name: 'System administrator',
      roles: ['system-administrator'],
    },
    { account: config.BOOTSTRAP_IMPORTER_SUBJECT, staffNumber: 'IMPORT', name: 'Import', roles: ['importer'] },
    { account: config.BOOTSTRAP_AUDITOR_SUBJECT, staffNumber: 'RECONCILE', name: 'Reconciliation', roles: ['auditor'] },
  ];
  for (const { account, staffNumber, name, roles } of first) {
    if (account === undefined) continue;
    await transactions.run(system, async (work) => {
      await work.query(`SELECT pg_advisory_xact_lock(hashtext('bootstrap'))`);
      const [known] = await work.query('SELECT FROM person WHERE account = $1 OR staff_number = $2', [
        account,
        staffNumber,
      ]);
      if (known) return;
      const form = { staffNumber, name, account, category: 'business', kind: 'support', employment: 'regular' };
      const { id: personId } = await open(work, person, { form, bySystem: true });
      await open(work, position, { form: { personId, roles }, bySystem: true });
    });
  }
}
