import { distributorEvents } from '@fenxiao/contracts/distributors';
import { shipmentEvents } from '@fenxiao/contracts/orders';
import { productEvents } from '@fenxiao/contracts/prices';
import { newId } from '@fenxiao/domain/id';
import { harness, type Harness, type Member, type Reply } from '@fenxiao/testing/harness';
import { complaints } from '../src/service.js';
import { ifMatch } from './quality-form-world.js';

/** A small company for tests of quality complaints: who handles, who looks for causes, what was bought. */
export interface QualityWorld {
  readonly h: Harness;
  readonly east: string;
  readonly west: string;
  readonly seller: Member;
  readonly support: Member;
  readonly manager: Member;
  readonly deputy: Member;
  readonly gm: Member;
  readonly technical: Member;
  readonly production: Member;
  readonly head: Member;
  readonly office: Member;
  customer(options?: { class?: 'A' | 'B' | 'C'; region?: string }): Promise<Customer>;
  /** a shipping order that has left: 100 of its product on each line */
  bought(customer: Customer, lines?: number): Promise<Bought>;
  /** logs what the receipt says, with what is said otherwise */
  log(bought: Bought, extra?: object, by?: Member): Promise<Reply>;
  /** makes the moves by the handler, from what was logged on; the last answer */
  upTo(id: string, state: State, by?: Member): Promise<Reply>;
  /** opens the complaint's form and brings its copy to the office, of a complaint that is resolved or rejected; the form's id */
  file(id: string): Promise<string>;
  read(id: string): Promise<Reply['body']>;
  close(): Promise<void>;
}
export interface Customer {
  readonly id: string;
  readonly code: string;
  readonly region: string;
}
export interface Bought {
  readonly id: string;
  readonly number: string;
  readonly orderNumber: string;
  readonly code: string;
  readonly customer: Customer;
}
type State = 'acknowledged' | 'notified' | 'cause-confirmed' | 'decision' | 'resolving' | 'resolved';

/** A Tuesday, 10:00 in Shanghai. */
export const tuesday = '2026-03-10T02:00:00Z';

export async function qualityWorld(env: Record<string, string> = {}): Promise<QualityWorld> {
  const h = await harness(complaints, { now: tuesday, env });
  const [east, west] = [await h.region('EAST'), await h.region('WEST')];
  const staff = {
    seller: await h.staff('salesperson', { regionId: east }),
    support: await h.staff('sales-support-clerk'),
    manager: await h.staff('sales-manager'),
    deputy: await h.staff('deputy-general-manager-sales'),
    gm: await h.staff('general-manager'),
    technical: await h.staff('technical-department'),
    production: await h.staff('production-department'),
    head: await h.staff('head-of-department'),
    office: await h.staff('office'),
  };
  let made = 0;
  const customer: QualityWorld['customer'] = async ({ class: letter = 'B', region = east } = {}) => {
    const [id, code] = [newId(), `D${++made}`];
    await h.publish(distributorEvents.recorded, id, {
      code,
      name: code,
      licence: code,
      partnerType: 'distributor',
      segment: 'regional-distributor',
      class: letter,
      regionId: region,
      terms: 'credit',
      paymentDays: 30,
      state: 'active',
    });
    await h.settle();
    return { id, code, region };
  };
  const bought: QualityWorld['bought'] = async (of, count = 1) => {
    const [id, product, n] = [newId(), newId(), ++made];
    const [number, orderNumber, code] = [`CH-${n}`, `DD-${n}`, `P${n}`];
    const goods = { code, name: `Tile ${code}`, specification: '600×600', grade: 'A', colourNumber: 'C1' } as const;
    await h.publish(productEvents.created, product, { ...goods, family: 'floor', unit: 'm²' });
    const money = { net: '5000.00', tax: '650.00', gross: '5650.00' };
    const lines = Array.from({ length: count }, (_, i) => ({
      ...money,
      line: i + 1,
      orderLine: i + 1,
      productId: product,
      productCode: code,
      family: 'floor',
      grade: 'A' as const,
      colourNumber: `C${i + 1}`,
      batch: 'B1',
      quantity: '100',
      unitPrice: '50',
    }));
    await h.publish(shipmentEvents.dispatched, id, {
      ...money,
      number,
      orderId: newId(),
      orderNumber,
      distributorId: of.id,
      distributorCode: of.code,
      regionId: of.region,
      segment: 'regional-distributor',
      channel: 'telephone',
      currency: 'CNY',
      salespersonId: staff.seller.id,
      shippedOn: '2026-03-02',
      lines,
    });
    await h.settle();
    return { id, number, orderNumber, code, customer: of };
  };
  const about = ({ number, code, customer: of }: Bought) => ({
    distributorCode: of.code,
    receipt: number,
    productName: `Tile ${code}`,
    specification: '600×600',
    quantity: '1',
    grade: 'A',
    colourNumber: 'C1',
    purchasedOn: '2026-03-02',
    defect: 'colour difference',
    description: 'Two pallets differ in colour.',
  });
  const upTo: QualityWorld['upTo'] = async (id, state, by = staff.manager) => {
    const post = (move: string, form: object = {}) => by.post(`/complaints/${id}/${move}`, form);
    const answer = async () => {
      const { items } = (await staff.gm.get(`/inquiries?complaintId=${id}`)).body;
      return staff.technical.post(`/inquiries/${items[0].id}/answer`, { atFault: true, finding: 'Wrong glaze.' });
    };
    const steps: readonly (readonly [State | null, () => Promise<Reply>])[] = [
      ['acknowledged', () => post('acknowledge')],
      ['notified', () => post('notify-departments', { areas: ['technical'] })],
      [null, answer],
      ['cause-confirmed', () => post('confirm-cause', { cause: 'technical', finding: 'Wrong glaze.' })],
      ['decision', () => post('judge', { verdict: 'justified', evidence: 'Samples compared.' })],
      ['resolving', () => post('decide', { remedy: 'replace', estimatedCost: '500.00' })],
      ['resolved', () => post('resolve', { actualCost: '480.00' })],
    ];
    let reply: Reply | undefined;
    for (const [, step] of steps.slice(0, steps.findIndex(([reached]) => reached === state) + 1)) {
      reply = await step();
      if (reply.status >= 300) throw new Error(JSON.stringify(reply.body));
    }
    return reply!;
  };
  const file: QualityWorld['file'] = async (complaintId) => {
    const forms = '/quality-complaint-forms';
    const { id } = (await staff.manager.post(forms, { complaintId })).body;
    const department = 'sales';
    const steps: readonly (readonly [Member, string, object])[] = [
      [staff.manager, 'route', { departments: [department] }],
      [staff.manager, 'fill-section', { department, findings: 'Seen.', measures: 'Done.' }],
      [staff.manager, 'sign-section', { department }],
      [staff.manager, 'sign', { result: 'As decided.' }],
      [staff.manager, 'send-copy', {}],
      [staff.office, 'receive-copy', { place: 'Cabinet 4' }],
    ];
    for (const [by, name, form] of steps) {
      const seen = name.startsWith('sign') ? await ifMatch(staff.manager, id) : {};
      const reply = await by.post(`${forms}/${id}/${name}`, form, seen);
      if (reply.status >= 300) throw new Error(JSON.stringify(reply.body));
    }
    return id;
  };
  return {
    h,
    east,
    west,
    ...staff,
    customer,
    bought,
    log: (of, extra = {}, by = staff.seller) => by.post('/complaints', { ...about(of), ...extra }),
    upTo,
    file,
    read: async (id) => (await staff.gm.get(`/complaints/${id}`)).body,
    close: () => h.close(),
  };
}
