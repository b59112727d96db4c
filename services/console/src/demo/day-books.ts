import { inTurns } from './api.js';
import type { Stories, Story, Subject } from './day-story.js';

/** The books: the reconciliation of the last 25th against finance's file, and the report of the last day that is over. */
interface Reconciliation {
  readonly from: string;
  readonly to: string;
}
interface Entry {
  readonly documentNumber: string;
  readonly bookedOn: string;
  readonly amount: string;
}
interface Row {
  readonly distributorCode: string;
  readonly document: string;
  readonly bookedOn: string;
  readonly amount: string;
}
interface Difference {
  readonly line: number;
  readonly code: string;
}
const clerk = 'order-clerk';

export const books: Stories = {
  /** Opened after its day, since there was no ledger here before: so it is closed late, and says so. */
  async reconciliation(t) {
    const dueOn = await t.runJob('open-reconciliation', 'on the 25th', '系统上线，补做上一期对帐');
    const run = await t.find<Reconciliation>('finance', `orders/reconciliations?dueOn=${dueOn}`);
    await t.move('finance', run, 'finance-file', { rows: mistaken(await ledger(t, run)) });
    await t.move(clerk, run, 'compare');
    const found = await t.list<Difference>('finance', `${run.path}/differences`);
    const explanations = found.map(({ line, code }) => ({ line, explanation: why[code] ?? '已核实' }));
    const [first, ...rest] = explanations;
    await t.move('finance', run, 'explain', { explanations: [first] });
    if (rest.length > 0) await t.move(clerk, run, 'explain', { explanations: rest });
    await t.moves(run, [clerk, 'sign'], ['finance', 'sign'], ['finance', 'close']);
  },

  /** The last working day that is over: nothing was booked here before today, and that is what is signed. */
  async dailyReport(t) {
    const day = await t.runJob('generate-daily-report', 'on working days', '系统上线，自上一工作日起编制日报');
    const report = await t.find(clerk, `orders/daily-reports?day=${day}`);
    await t.move(clerk, report, 'sign', { comment: '系统上线首日，此前业务见历史数据' });
    const late = { basis: 'receipt', net: '3200.00', gross: '3200.00', cause: '上线前一笔现金收款补记' };
    await t.move(clerk, report, 'adjust', late);
  },
};

const why: Readonly<Record<string, string>> = {
  missing: '财务尚未收到该单据，次月入帐',
  price: '财务按旧价入帐，已更正',
  duplicate: '财务重复录入，已冲销',
  timing: '跨期入帐，次月一致',
  quantity: '数量录入有误，已更正',
};

/** What finance has: the same documents, since it booked them too. */
async function ledger(t: Story, { from, to }: Reconciliation & Subject): Promise<Row[]> {
  const rows: Row[] = [];
  await inTurns(6, t.has.market.customers, async ({ id, code: distributorCode }) => {
    const entries = await t.list<Entry>('finance', `orders/ledger?distributorId=${id}&from=${from}&to=${to}`);
    for (const { documentNumber: document, bookedOn, amount } of entries)
      rows.push({ distributorCode, document, bookedOn, amount });
  });
  return rows.sort((a, b) => a.document.localeCompare(b.document));
}

/** As people write files: one document is missing, one has another amount, one stands there twice. */
function mistaken(rows: Row[]): Row[] {
  const [, missing, other, twice] = rows;
  return rows
    .filter((row) => row !== missing)
    .map((row) => (row === other ? { ...row, amount: (Number(row.amount) + 100).toFixed(2) } : row))
    .concat(twice ? [twice] : []);
}
