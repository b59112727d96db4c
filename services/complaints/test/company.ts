import { distributorEvents } from '@fenxiao/contracts/distributors';
import { newId } from '@fenxiao/domain/id';
import { harness, type Harness, type Member, type Reply } from '@fenxiao/testing/harness';
import { complaints } from '../src/service.js';

/** A small company for tests of complaints: sales, the office, a department at fault and its people, a customer. */
export interface Company {
  readonly h: Harness;
  readonly east: string;
  readonly west: string;
  readonly seller: Member;
  readonly salesManager: Member;
  readonly deputy: Member;
  readonly office: Member;
  readonly hr: Member;
  readonly gm: Member;
  /** of the warehouse: its head, whoever is complained of, a colleague */
  readonly head: Member;
  readonly accused: Member;
  readonly colleague: Member;
  readonly customer: { readonly id: string; readonly code: string };
  /** what was refused so far on a subject, by code */
  refusals(subject: string): Promise<string[]>;
  close(): Promise<void>;
}

export async function company(env: Record<string, string> = {}): Promise<Company> {
  const h = await harness(complaints, { now: '2026-03-10T02:00:00Z', env });
  const [east, west] = [await h.region('EAST'), await h.region('WEST')];
  const at = { unit: 'warehouse' };
  const customer = await customerIn(h, east, 'D1');
  return {
    h,
    east,
    west,
    customer,
    seller: await h.staff('salesperson', { regionId: east }),
    salesManager: await h.staff('sales-manager', { unit: 'sales' }),
    deputy: await h.staff('deputy-general-manager-sales'),
    office: await h.staff('office', { unit: 'office' }),
    hr: await h.staff('human-resources'),
    gm: await h.staff('general-manager'),
    head: await h.staff('head-of-department', at),
    accused: await h.staff('finished-goods-keeper', at),
    colleague: await h.staff('finished-goods-keeper', at),
    refusals: async (subject) => {
      const { rows } = await h.pool.query<{ code: string }>(
        `SELECT code FROM audit WHERE subject = $1 AND outcome = 'refused' ORDER BY id`,
        [subject],
      );
      return rows.map(({ code }) => code);
    },
    close: () => h.close(),
  };
}

/** A customer of a region, as distributors tells of it. */
export async function customerIn(h: Harness, regionId: string, code: string) {
  const id = newId();
  await h.publish(distributorEvents.recorded, id, {
    code,
    name: 'Dealer',
    licence: `L ${code}`,
    partnerType: 'distributor',
    segment: 'regional-distributor',
    class: 'B',
    regionId,
    terms: 'credit',
    paymentDays: 30,
    state: 'active',
  });
  return { id, code };
}

/** A service complaint and its way through the form. */
export interface Case {
  readonly id: string;
  readonly number: string;
  move(name: string, by: Member, form?: object): Promise<Reply>;
  read(): Promise<Reply['body']>;
}

/** A complaint as it was logged. */
export async function logged({ seller, salesManager, customer }: Company): Promise<Case> {
  const { body } = await seller.post('/service-complaints', { distributorCode: customer.code, description: 'Rude.' });
  const path = `/service-complaints/${body.id}`;
  return {
    id: body.id,
    number: body.number,
    move: (name, by, form = {}) => by.post(`${path}/${name}`, form),
    read: async () => (await salesManager.get(path)).body,
  };
}

/** Its form is opened: the keeper of the warehouse is complained of. */
export async function opened(c: Company, severity = 'minor'): Promise<Case> {
  const found = await logged(c);
  await found.move('open', c.salesManager, { accusedId: c.accused.id, severity });
  if (severity === 'serious' || severity === 'grave')
    await found.move('escalate', c.salesManager, { suggestion: 'Hear both.' });
  return found;
}

/** Who answers for a complaint of that severity. */
export const sideOf = ({ office, salesManager }: Company, severity: string) =>
  severity === 'serious' || severity === 'grave' ? office : salesManager;

/** It was found to be true, or not. */
export async function verified(c: Company, severity = 'minor', founded = true): Promise<Case> {
  const found = await opened(c, severity);
  await found.move('verify', sideOf(c, severity), { founded, findings: 'Both were heard.' });
  return found;
}

/** Handled by the department, found to be true, with a result. */
export async function settled(c: Company, severity = 'minor'): Promise<Case> {
  const found = await verified(c, severity);
  await found.move('send-to-department', sideOf(c, severity));
  await found.move('handle', c.head, { measures: 'Talked to him.' });
  await found.move('settle', sideOf(c, severity), { result: 'An apology.' });
  return found;
}

/** When each of its clocks that run is over, by move. */
export async function deadlines(found: Case): Promise<Record<string, string>> {
  const running: { move: string; dueAt: string }[] = (await found.read()).deadlines;
  return Object.fromEntries(running.map(({ move, dueAt }) => [move, dueAt]));
}

/** A quality complaint that was found justified, or `partly`; without a verdict where none is named. */
export async function justified(c: Company, verdict = 'justified'): Promise<string> {
  const { body } = await c.seller.post('/complaints', {
    distributorCode: c.customer.code,
    receipt: 'R1',
    productName: 'Tile',
    specification: '600×600',
    quantity: '10',
    grade: 'A',
    colourNumber: 'C1',
    purchasedOn: '2026-03-02',
    defect: 'colour difference',
    description: 'Two shades.',
  });
  const move = (name: string, form: object = {}) => c.salesManager.post(`/complaints/${body.id}/${name}`, form);
  if (verdict !== '') {
    await move('acknowledge');
    await move('notify-departments', { areas: ['warehouse'] });
    const { items } = (await c.colleague.get(`/inquiries?complaintId=${body.id}`)).body;
    await c.colleague.post(`/inquiries/${items[0].id}/answer`, { atFault: true, finding: 'Two batches were mixed.' });
    await move('confirm-cause', { cause: 'warehouse', finding: 'Two batches were mixed.' });
    await move('judge', { verdict, evidence: 'Photographs.' });
  }
  return body.id as string;
}
