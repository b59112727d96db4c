import { writeOffEvents } from '@fenxiao/contracts/collection';
import { Note, PositiveAmount, Ref } from '@fenxiao/contracts/wire';
import { domainError } from '@fenxiao/domain/domain-error';
import { isId } from '@fenxiao/domain/id';
import { Money } from '@fenxiao/domain/money';
import { approval } from '@fenxiao/procedures/approval';
import { procedure } from '@fenxiao/procedures/procedure';
import { columns, subjectColumns } from '@fenxiao/service-kit/columns';
import { bind, follow, lock } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { defineEntity } from '@mikro-orm/core';
import { z } from 'zod';
import { enter } from '../books/ledger.js';
import { distributorOf, lockAccount } from '../distributor.js';
import { keepApart } from '../duties.js';
import { invoice } from '../invoice.js';
import { salesReaders } from '../readers.js';

/** O-25 Write-off 坏账核销: what can't be collected is given up: proposed by finance, approved by the general manager (K-C08). */
const WriteOffSchema = defineEntity({
  name: 'WriteOff',
  tableName: 'write_off',
  properties: (p) => ({
    ...subjectColumns,
    number: p.text(),
    invoice: p.uuid(),
    invoiceNumber: p.text(),
    distributor: p.uuid(),
    distributorCode: p.text(),
    dueOn: columns.date(),
    amount: columns.money(),
    /** what was open of the invoice when it was last looked at */
    openAmount: columns.money(),
    grounds: p.text(),
    writtenOffOn: columns.date().strictNullable(),
  }),
});
export class WriteOff extends WriteOffSchema.class {}
WriteOffSchema.setClass(WriteOff);

export const writeOff = bind(
  procedure({
    name: 'write-off',
    clause: 'O-25',
    class: 'confidential',
    events: writeOffEvents,
    states: ['proposed', 'approved', 'rejected'],
    read: salesReaders,
    page: { title: 'write-off', sign: ['finance', 'general-manager'] },
    archive: { retentionYears: 30 },
    start: {
      move: 'propose',
      to: 'proposed',
      by: { finance: 'all' },
      /** without an amount: all that is open */
      form: z.object({ invoiceId: Ref('invoice'), amount: PositiveAmount.optional(), grounds: Note }),
      fact: 'proposed',
    },
    moves: {
      ...approval({
        in: 'proposed',
        steps: [{ name: 'approval', slots: [{ 'general-manager': 'all' }] }],
        approved: 'approved',
        rejected: 'rejected',
        facts: { approved: 'approved', rejected: 'rejected' },
      }),
    },
  }),
  {
    entity: WriteOff,
    create: async ({ invoiceId, amount: text, grounds }, work, base) => {
      const owed = await lock(work, invoice, invoiceId);
      const amount = text === undefined ? owed.openAmount : Money.of(text);
      requireOpen(amount, owed);
      const [other] = await work.query<{ number: string }>(
        `SELECT number FROM write_off WHERE invoice = $1 AND state = 'proposed'`,
        [invoiceId],
      );
      if (other) throw alreadyProposed({ writeOff: other.number, invoice: owed.number }, { field: 'invoiceId' });
      const { code } = await distributorOf(work, { id: owed.distributor });
      return work.em.create(WriteOff, {
        ...base,
        region: owed.region,
        owner: owed.owner,
        number: await documentNumber(work, 'HZ', work.today),
        invoice: owed.id,
        invoiceNumber: owed.number,
        distributor: owed.distributor,
        distributorCode: code,
        dueOn: owed.dueOn,
        amount,
        openAmount: owed.openAmount,
        grounds,
        writtenOffOn: null,
      });
    },
    effects: {
      approve: async (subject, _, work) => {
        await lockAccount(work, subject.distributor);
        const owed = await lock(work, invoice, subject.invoice);
        const receipts = await work.query<{ payment: string }>('SELECT payment FROM payment_match WHERE invoice = $1', [
          owed.id,
        ]);
        await keepApart(work, 'write-off.approve', [subject.id, ...receipts.map(({ payment }) => payment)]);
        requireOpen(subject.amount, owed);
        owed.openAmount = owed.openAmount.minus(subject.amount);
        Object.assign(subject, { openAmount: owed.openAmount, writtenOffOn: work.today });
      },
    },
    follows: {
      approve: async (subject, work) => {
        if (subject.state !== 'approved') return;
        const owed = await lock(work, invoice, subject.invoice);
        if (owed.openAmount.isZero()) await follow(work, invoice, owed, 'writeOff', { amount: String(subject.amount) });
        await enter(work, {
          distributor: subject.distributor,
          region: subject.region!,
          kind: 'adjustment',
          documentKind: 'write-off',
          documentId: subject.id,
          documentNumber: subject.number,
          bookedOn: work.today,
          amount: subject.amount.negate(),
        });
      },
    },
    facts: {
      proposed: (subject, _, work) => ({ ...fact(subject, _, work), grounds: subject.grounds }),
      approved: (subject, _, work) => ({ ...fact(subject, _, work), writtenOffOn: subject.writtenOffOn! }),
      rejected: fact,
    },
    view: (subject) => ({
      number: subject.number,
      invoiceId: subject.invoice,
      invoiceNumber: subject.invoiceNumber,
      distributorId: subject.distributor,
      region: subject.region,
      dueOn: subject.dueOn,
      amount: subject.amount,
      grounds: subject.grounds,
      writtenOffOn: subject.writtenOffOn,
    }),
    filters: { distributorId: 'distributor', invoiceId: 'invoice', number: 'number' },
  },
);

/** @throws aboveOpen */
function requireOpen(amount: Money, owed: { readonly number: string; readonly openAmount: Money }): void {
  if (!amount.isPositive() || amount.compare(owed.openAmount) > 0)
    throw aboveOpen({ invoice: owed.number, open: String(owed.openAmount) }, { field: 'amount' });
}

function fact(subject: WriteOff, _: unknown, work: Work) {
  const { number, invoice: invoiceId, invoiceNumber, distributor, distributorCode, region, owner } = subject;
  return {
    number,
    invoiceId,
    invoiceNumber,
    distributorId: distributor,
    distributorCode,
    regionId: region!,
    dueOn: subject.dueOn,
    amount: String(subject.amount),
    openAmount: String(subject.openAmount),
    currency: work.currency,
    ...(owner && isId(owner) ? { salespersonId: owner } : {}),
  };
}

const aboveOpen = domainError({
  code: 'orders.write-off.above-open-amount',
  kind: 'unprocessable',
  rule: 'O-25',
  en: 'Of invoice {invoice} {open} are open; no more than that is written off, and not nothing.',
  zh: '发票{invoice}未付金额为{open}；核销金额须大于零且不得超过该数。',
});
const alreadyProposed = domainError({
  code: 'orders.write-off.already-proposed',
  kind: 'conflict',
  rule: 'O-25',
  en: 'Write-off {writeOff} of invoice {invoice} is waiting for its approval.',
  zh: '发票{invoice}的坏账核销申请{writeOff}正待审批。',
});
