import { creditNoteEvents } from '@fenxiao/contracts/goods';
import { paymentEvents } from '@fenxiao/contracts/orders';
import { receivableEvents, writeOffEvents } from '@fenxiao/contracts/collection';
import type { Event } from '@fenxiao/contracts/event';
import { newId } from '@fenxiao/domain/id';
import { Money } from '@fenxiao/domain/money';
import { bucketOf, ladder, stepOf } from '@fenxiao/domain/receivables';
import { EventContext, On } from '@fenxiao/messaging/transport';
import { daily } from '@fenxiao/service-kit/due';
import { follow, lock, open } from '@fenxiao/service-kit/engine';
import type { Job } from '@fenxiao/service-kit/jobs';
import type { Work } from '@fenxiao/service-kit/work';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { lockAccount } from '../distributor.js';
import { collectionTask, ESCALATED_FROM, type CollectionTask } from './collection-task.js';

/** O-25 Overdue ladder 逾期阶梯: every morning what has become more than 0, 30, 60 or 90 days late is told once, and asked for. */
export const overdueReceivables: Job = {
  name: 'overdue-receivables',
  clause: 'O-25',
  due: daily('06:00'),
  missed: 'latest',
  run: async (work, { date }) => {
    await climb(work, date);
    await closeSettled(work, date);
  },
};

/** as many invoices as one morning takes; of a backlog the rest comes on the next */
const MOST = 20_000;

interface Late {
  readonly id: string;
  readonly number: string;
  readonly distributor: string;
  readonly code: string;
  readonly region: string;
  readonly owner: string | null;
  readonly due_on: string;
  readonly days: number;
  readonly open: string;
  readonly gross: string;
}

/** Raises invoices to the step they have reached, with one event each. */
async function climb(work: Work, date: string): Promise<void> {
  const late = await work.query<Late>(
    `SELECT i.id, i.number, i.distributor, d.code, i.region, i.owner, i.due_on::text, $1::date - i.due_on AS days, i.open_amount::text AS open, i.gross::text
     FROM invoice i JOIN known_distributor d ON d.id = i.distributor LEFT JOIN receivable_overdue o ON o.invoice = i.id
     WHERE i.open_amount > 0 AND i.due_on < $1
       AND coalesce(o.step, -1) < (SELECT max(step) FROM unnest($2::int[]) step WHERE $1::date - i.due_on > step)
     ORDER BY i.due_on, i.id LIMIT ${MOST}`,
    [date, [...ladder]],
  );
  const steps = late.map(({ days }) => stepOf(days)!);
  const rows = await work.query<{ invoice: string; id: string; events: number }>(
    `INSERT INTO receivable_overdue (invoice, id, events, step, raised_on)
     SELECT invoice, id, 1, step, $4 FROM unnest($1::uuid[], $2::uuid[], $3::int[]) t(invoice, id, step)
     ON CONFLICT (invoice) DO UPDATE SET step = excluded.step, raised_on = excluded.raised_on, events = receivable_overdue.events + 1
     RETURNING invoice, id, events`,
    [late.map(({ id }) => id), late.map(() => newId()), steps, date],
  );
  const roots = new Map(rows.map((row) => [row.invoice, row]));
  late.forEach((invoice, i) => publishOverdue(work, date, invoice, steps[i]!, roots.get(invoice.id)!));
}

function publishOverdue(
  work: Work,
  on: string,
  invoice: Late,
  step: number,
  root: { readonly id: string; readonly events: number },
): void {
  const { id, number, distributor, code, region, owner, due_on, days, open: openAmount, gross } = invoice;
  work.publish(
    receivableEvents.overdue,
    { id: root.id, events: root.events - 1 },
    {
      invoiceId: id,
      invoiceNumber: number,
      distributorId: distributor,
      distributorCode: code,
      regionId: region,
      dueOn: due_on,
      on,
      daysOverdue: days,
      step,
      bucket: bucketOf(days)!,
      openAmount,
      gross,
      currency: work.currency,
      ...(owner ? { salespersonId: owner } : {}),
    },
    { rule: 'O-25', region },
  );
}

interface Overdue {
  readonly distributor: string;
  readonly code: string;
  readonly region: string;
  readonly owner: string | null;
  readonly amount: string;
  readonly oldest: string;
  readonly days: number;
  readonly task: string | null;
}

/** What is overdue of customers, by salesperson, with the task that asks for it, if one does. */
const overdueOf = (work: Work, date: string, customer: string) =>
  work.query<Overdue>(
    `WITH late AS (
       SELECT distributor, owner, (array_agg(region ORDER BY due_on DESC))[1] AS region, sum(open_amount) AS amount, min(due_on) AS oldest
       FROM invoice WHERE open_amount > 0 AND due_on < $1 AND distributor = $2 GROUP BY distributor, owner)
     SELECT l.distributor, d.code, l.region, l.owner, l.amount::text, l.oldest::text, $1::date - l.oldest AS days, t.id AS task
     FROM late l JOIN known_distributor d ON d.id = l.distributor
     LEFT JOIN collection_task t ON t.distributor = l.distributor AND coalesce(t.owner, '') = coalesce(l.owner, '') AND t.state <> 'done'
     ORDER BY l.distributor, l.owner`,
    [date, customer],
  );

/** One task per customer and salesperson: opened, or raised where it runs already. */
async function ask(work: Work, date: string, customer: string): Promise<void> {
  // Invoices of one customer climb together, and each is told of its own accord.
  await lockAccount(work, customer);
  for (const { distributor, code, region, owner, amount, oldest, days, task } of await overdueOf(
    work,
    date,
    customer,
  )) {
    const form = { amount, oldestDueOn: oldest, step: stepOf(days)! };
    if (!task) {
      const about = { distributorId: distributor, distributorCode: code, regionId: region, salespersonId: owner };
      await open(work, collectionTask, { form: { ...form, ...about }, bySystem: true });
      continue;
    }
    const running = await lock(work, collectionTask, task);
    if (running.state !== 'done') await raise(work, running, form);
  }
}

interface State {
  readonly amount: string;
  readonly oldestDueOn: string;
  readonly step: number;
}

/** Says what is overdue now, where that is news; what has climbed far enough is the deputy general manager's. */
async function raise(work: Work, subject: CollectionTask, now: State): Promise<void> {
  const before = subject.step;
  if (subject.amount.equals(Money.of(now.amount)) && subject.oldestDueOn === now.oldestDueOn && before === now.step)
    return;
  await follow(work, collectionTask, subject, 'raise', now);
  if (now.step > before && now.step >= ESCALATED_FROM && subject.state !== 'escalated')
    await follow(work, collectionTask, subject, 'escalate');
}

/** Tasks of which nothing is overdue any more, by whatever way it went. */
async function closeSettled(work: Work, date: string): Promise<void> {
  const rows = await work.query<{ id: string }>(
    `SELECT id FROM collection_task t WHERE state <> 'done' AND NOT EXISTS (
       SELECT FROM invoice i WHERE i.distributor = t.distributor AND i.open_amount > 0 AND i.due_on < $1 AND coalesce(i.owner, '') = coalesce(t.owner, ''))
     ORDER BY id`,
    [date],
  );
  for (const { id } of rows) {
    const subject = await lock(work, collectionTask, id);
    if (subject.state !== 'done') await follow(work, collectionTask, subject, 'complete');
  }
}

/** What is overdue is asked for; money that came in, or was given up, makes it less, keeps a promise, ends a task. */
@Controller()
export class CollectionReactions {
  @On(receivableEvents.overdue)
  overdue(@Payload() { data }: Event<typeof receivableEvents.overdue>, @Ctx() { work }: EventContext<Work>) {
    return ask(work, data.on, data.distributorId);
  }
  @On(paymentEvents.received)
  received(@Payload() { data }: Event<typeof paymentEvents.received>, @Ctx() { work }: EventContext<Work>) {
    return this.lookAgain(work, data.distributorId);
  }
  @On(paymentEvents.applied)
  applied(@Payload() { data }: Event<typeof paymentEvents.applied>, @Ctx() { work }: EventContext<Work>) {
    return this.lookAgain(work, data.distributorId);
  }
  @On(creditNoteEvents.issued)
  credited(@Payload() { data }: Event<typeof creditNoteEvents.issued>, @Ctx() { work }: EventContext<Work>) {
    return this.lookAgain(work, data.distributorId);
  }
  @On(creditNoteEvents.applied)
  creditApplied(@Payload() { data }: Event<typeof creditNoteEvents.applied>, @Ctx() { work }: EventContext<Work>) {
    return this.lookAgain(work, data.distributorId);
  }
  @On(writeOffEvents.approved)
  writtenOff(@Payload() { data }: Event<typeof writeOffEvents.approved>, @Ctx() { work }: EventContext<Work>) {
    return this.lookAgain(work, data.distributorId);
  }

  private async lookAgain(work: Work, distributor: string): Promise<void> {
    const running = await work.query<{ id: string }>(
      `SELECT id FROM collection_task WHERE distributor = $1 AND state <> 'done' ORDER BY id`,
      [distributor],
    );
    if (running.length === 0) return;
    // not before: most customers owe nothing late, and an import holds many accounts at once
    await lockAccount(work, distributor);
    const left = new Map((await overdueOf(work, work.today, distributor)).map((row) => [row.task, row]));
    for (const { id } of running) {
      const subject = await lock(work, collectionTask, id);
      if (subject.state === 'done') continue;
      const row = left.get(id);
      if (!row) {
        await follow(work, collectionTask, subject, 'complete');
        continue;
      }
      await raise(work, subject, { amount: row.amount, oldestDueOn: row.oldest, step: stepOf(row.days)! });
      const paid = subject.promisedOf?.minus(subject.amount);
      if (subject.state === 'promised' && paid && paid.compare(subject.promisedAmount!) >= 0)
        await follow(work, collectionTask, subject, 'keepPromise');
    }
  }
}
