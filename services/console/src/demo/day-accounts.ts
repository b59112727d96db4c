import { calendar } from './season.js';
import type { Account } from './day-market.js';
import type { Stories, Story, Subject } from './day-story.js';
import { deliver, line, order } from './day-trade.js';

/** Credit and collection: what is overdue is asked for, money comes in, orders are held and released, a debt is given up. */
interface Task {
  readonly distributorId: string;
  readonly distributorCode: string;
  readonly amount: string;
}
interface Invoice {
  readonly openAmount: string;
  readonly dueOn: string;
}
const deputy = 'deputy-general-manager-sales';

export const accounts: Stories = {
  /** The debts that history left: yesterday's ladder opens a task for each customer that is late. */
  async tasks(t) {
    const reason = '系统上线前已逾期的应收账款，补开催收任务';
    await t.runJob('overdue-receivables', 'daily', reason);
    const tasks: (Subject & Task)[] = [];
    for (const { distributorId } of t.has.market.accounts.filter(isLate).slice(0, 6))
      tasks.push(await taskOf(t, distributorId));
    const [closed, kept, ...promised] = tasks as [Subject & Task, Subject & Task];
    for (const task of [kept, ...promised]) {
      const amount = part(task.amount, 2);
      await t.move('sales-manager', task, 'promise', { promisedOn: calendar.addDays(t.today, 7), amount });
    }
    await receipt(t, kept.distributorCode, part(kept.amount, 2), '按承诺付款');
    await t.move(deputy, closed, 'close', { reason: '客户已停业，转由财务申请坏账核销' });
  },

  /** What stood at last midnight, and what the four weeks before took out of stock. */
  async positions(t) {
    const reason = '系统上线，补登日终余额';
    await t.runJob('record-credit-positions', 'daily', reason);
    for (let days = 0; days < 28; days++)
      await t.runJob('record-stock-positions', 'daily', reason, { daysBefore: days });
  },

  /** Money of the day: what is due in full, a part of it, more than is owed, something nobody can place yet. */
  async receipts(t) {
    const owing = t.has.market.accounts.filter((account) => !isLate(account) && !isOver(account));
    for (const { code, distributorId } of owing.slice(0, 6)) {
      const { openAmount } = await oldestInvoice(t, distributorId);
      await receipt(t, code, openAmount, '货款');
    }
    for (const { code, distributorId } of owing.slice(6, 9)) {
      const { openAmount } = await oldestInvoice(t, distributorId);
      await receipt(t, code, part(openAmount, 3), '部分货款');
    }
    const [early, unclear] = owing.slice(9, 11);
    const invoice = await oldestInvoice(t, early!.distributorId);
    const paid = await receipt(t, early!.code, invoice.openAmount, '预付款', { matches: [] });
    await t.move('finance', paid, 'match', { invoiceId: invoice.id, amount: invoice.openAmount });
    await receipt(t, unclear!.code, '18000.00', '未注明用途', { matches: [] });
  },

  /** Whoever is late or over the limit is held; the deputy general manager lets go, or money does. */
  async held(t) {
    const { late, over } = blocked(t);
    const [released, stays] = [...late, ...over];
    const held = await order(t, released!.customer, [line(t.has.goods(), 4)]);
    const until = calendar.endOfDay(calendar.addDays(t.today, 3)).toISOString();
    await t.move(deputy, held, 'release-credit', { until, reason: '客户已提供付款凭证，同意放行' });
    await deliver(t, held);
    await order(t, stays!.customer, [line(t.has.goods(), 3)]);

    const { id, code, seller } = over.at(-1)!.customer;
    const waiting = await order(t, { id, code, seller }, [line(t.has.goods(), 2)]);
    const open = await t.list<Invoice>('finance', `orders/invoices?distributorId=${id}&state=outstanding`);
    const owed = open.reduce((sum, { openAmount }) => sum + fen(openAmount), 0);
    await receipt(t, code, yuan(owed), '结清全部欠款');
    await t.goesOn(waiting);
  },

  /** One whose limit is used up: a higher one is proposed by finance and needs a second person. */
  async limitRaised(t) {
    const { customer, exposure } = blocked(t).over.at(-2)!;
    const held = await order(t, customer, [line(t.has.goods(), 3)]);
    const limit = String(Math.ceil(Number(exposure) / 100_000) * 100_000 + 100_000);
    const proposed = { distributorCode: customer.code, limit };
    await t.move(deputy, await t.make('finance', 'distributors/credit-limits', proposed), 'approve');
    await t.goesOn(held);
  },

  /** What will not come is proposed by finance and given up by the general manager, or is not. */
  async writtenOff(t) {
    const [worst, next] = t.has.market.accounts;
    for (const [account, decision] of [
      [worst!, 'approve'],
      [next!, 'reject'],
    ] as const) {
      const invoice = await oldestInvoice(t, account.distributorId);
      const grounds = '客户已停业，多次催收无果';
      const proposed = await t.make('finance', 'orders/write-offs', { invoiceId: invoice.id, grounds });
      const reason = decision === 'reject' ? { reason: '仍有回收可能，继续催收' } : {};
      await t.move('general-manager', proposed, decision, reason);
    }
  },
};

const isLate = (account: Account) =>
  (['1-30', '31-60', '61-90', 'over-90'] as const).some((bucket) => Number(account[bucket]) > 0);
/** more than the days of grace late */
const isPastGrace = (account: Account) =>
  (['31-60', '61-90', 'over-90'] as const).some((bucket) => Number(account[bucket]) > 0);
const isOver = ({ limit, exposure }: Account) => Number(limit) > 0 && Number(exposure) > Number(limit);

/** Customers whose next order is held: they are late, or over their limit; the largest debt first. */
function blocked(t: Story) {
  const of = (account: Account) => {
    const customer = t.has.market.customers.find(({ id }) => id === account.distributorId);
    return customer ? [{ ...account, customer }] : [];
  };
  const accounts = t.has.market.accounts.flatMap(of).sort((a, b) => Number(b.exposure) - Number(a.exposure));
  return {
    late: accounts.filter(isPastGrace),
    over: accounts.filter((account) => isOver(account) && !isPastGrace(account)),
  };
}

const fen = (amount: string) => Math.round(Number(amount) * 100);
const yuan = (of: number) => (of / 100).toFixed(2);
const part = (amount: string, of: number) => yuan(Math.floor(fen(amount) / of));

const taskOf = (t: Story, distributor: string) =>
  t.find<Task>(deputy, `orders/collection-tasks?distributorId=${distributor}`);

async function oldestInvoice(t: Story, distributor: string): Promise<Subject & Invoice> {
  const open = await t.list<Invoice>('finance', `orders/invoices?distributorId=${distributor}&state=outstanding`);
  return open.sort((a, b) => a.dueOn.localeCompare(b.dueOn) || a.number.localeCompare(b.number))[0]!;
}

const receipt = (t: Story, distributorCode: string, amount: string, reference: string, more: object = {}) =>
  t.make('finance', 'orders/payments', { distributorCode, amount, reference, ...more });
