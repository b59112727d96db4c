import { Refused } from './api.js';
import type { Stories, Story, Subject } from './day-story.js';
import { surveyStories } from './day-surveys.js';
import { calendar } from './season.js';

/** Complaints: about goods and about service, after-sales, opinions; what came of them. */
const manager = 'sales-manager';
const deputy = 'deputy-general-manager-sales';

export const complaintStories: Stories = {
  /** From the call to the copy in the office: the cause is found in the warehouse, part of the price is given back, the customer is content. */
  async settled(t) {
    const made = await logged(t, 0, '破损', '开箱后发现整箱边角破损', { onTheBooks: true });
    const handler = made.handlerRole;
    await causeFound(t, made, 'warehouse', 'finished-goods-keeper', '堆码超高，底层受压');
    await t.moves(
      made,
      [handler, 'judge', { verdict: 'justified', evidence: '开箱照片与仓库堆码记录' }],
      [handler, 'decide', { remedy: 'price-reduction', estimatedCost: '860.00' }],
      [handler, 'resolve', { actualCost: '820.00' }],
      ['sales-administrator', 'inform-customer', { informedOn: t.today, by: 'telephone' }],
    );
    const form = await t.make(manager, 'complaints/quality-complaint-forms', { complaintId: made.id });
    const department = 'warehouse';
    await t.moves(
      form,
      [manager, 'route', { departments: [department] }],
      ['finished-goods-keeper', 'fill-section', { department, findings: '堆码超高', measures: '限高六层，加贴标识' }],
      ['head-of-department', 'sign-section', { department }],
    );
    await t.moves(
      form,
      [manager, 'sign', { result: '减价处理，客户同意' }],
      [manager, 'send-copy'],
      ['office', 'receive-copy', { place: '办公室档案柜3号' }],
    );
    await t.moves(made, ['sales-support-clerk', 'follow-up', { satisfied: true, score: 5 }], [handler, 'archive']);
  },

  /** Cut to size by the customer: not justified, and told so with what else is open to them. */
  async notJustified(t) {
    const made = await logged(t, 1, '缺棱掉角', '切割后边缘崩裂');
    await causeFound(t, made, 'customer-use', 'technical-department', '切割工具不当');
    await t.moves(
      made,
      [
        made.handlerRole,
        'reject',
        { evidence: '现场照片与切割痕迹', furtherRoutes: '可要求办公室复核，或向消费者协会投诉', reason: '使用不当' },
      ],
      ['sales-administrator', 'inform-customer', { informedOn: t.today, by: 'visit' }],
    );
  },

  /** Somebody might be hurt: grave, so the deputy general manager takes it, and an 8D is opened. */
  async grave(t) {
    const made = await logged(t, 2, '防滑不达标', '浴室地砖遇水打滑，有人摔伤');
    await t.moves(
      made,
      [made.handlerRole, 'acknowledge'],
      [made.handlerRole, 'raise-severity', { severity: 'grave', criteria: ['safety', 'publicity'] }],
      [deputy, 'notify-departments', { areas: ['technical', 'production'] }],
    );
    await t.refuse('procedure.no-power', manager, made, 'lower-severity', {
      severity: 'minor',
      criteria: ['money'],
      reason: '影响有限',
    });
  },

  /** Left waiting on the telephone: found true, the department mends it, the customer is told; a fine is proposed. */
  async service(t) {
    const made = await t.make('sales-support-clerk', 'complaints/service-complaints', {
      channel: 'telephone',
      customer: '示例客户',
      telephone: '13800000000',
      description: '来电三次无人回复送货时间',
    });
    const { person } = await t.read<{ person: string }>('order-clerk', { path: 'complaints/me' });
    await t.move(manager, made, 'open', { accusedId: person, severity: 'medium' });
    await t.moves(
      made,
      [manager, 'verify', { founded: true, findings: '当班三次来电均未登记' }],
      [manager, 'send-to-department'],
    );
    const penalty = await t.make(manager, 'complaints/penalties', {
      fault: 'service',
      complaintId: made.id,
      criticism: '未按服务规范接听登记',
      fine: '20.00',
    });
    await t.move('human-resources', penalty, 'approve');
    await t.make('sales-support-clerk', 'complaints/service-complaints', {
      channel: 'visit',
      distributorCode: t.has.customer().code,
      description: '提货时等候两小时',
    });
  },

  /** Too far for the regional manager, who may say what they think: the sales general manager's opinion, the technical department's decision. */
  async afterSales(t) {
    const { code: distributorCode } = t.has.customer();
    const { code } = t.has.customer();
    const made = await t.make('sales-administrator', 'complaints/after-sales-cases', {
      distributorCode,
      description: '工地大面积铺贴后空鼓',
    });
    await t.move('sales-administrator', made, 'notify-manager', { way: 'telephone' });
    await t.make('sales-administrator', 'complaints/after-sales-cases', {
      distributorCode: code,
      description: '个别砖边角翘曲',
    });
  },

  async opinions(t) {
    const { code: distributorCode } = t.has.customer();
    const said = { distributorCode, channel: 'visit' };
    await t.make('sales-support-clerk', 'complaints/opinions', {
      ...said,
      kind: 'suggestion',
      content: '希望提供小包装样板',
    });
    await t.make('sales-support-clerk', 'complaints/opinions', {
      ...said,
      kind: 'praise',
      content: '送货及时，态度好',
    });
    await t.make('sales-support-clerk', 'complaints/opinions', {
      ...said,
      kind: 'criticism',
      content: '同城经销商低价抢单，要求公司处理',
      major: true,
    });
  },

  ...surveyStories,
};

type Complained = Subject & { readonly handlerRole: string };

interface Bought {
  readonly items: readonly {
    readonly distributorId: string;
    readonly shipmentLine: number;
    readonly productName: string;
    readonly specification: string;
    readonly grade: string;
    readonly colourNumber: string;
    readonly batch: string;
    readonly purchasedOn: string;
  }[];
}

/** A complaint of goods delivered two or three months ago, the same ones on every run. */
async function logged(
  t: Story,
  nth: number,
  defect: string,
  description: string,
  { onTheBooks = false } = {},
): Promise<Complained> {
  const span = `orderedOnFrom=${calendar.addDays(t.today, -90)}&orderedOnTo=${calendar.addDays(t.today, -60)}`;
  const delivered = await t.list<object>('order-clerk', `orders/orders?state=completed&${span}`);
  const receipt = delivered[nth]?.number;
  if (receipt === undefined) throw new Refused('nothing-left', 'nothing was delivered');
  const { items } = await t.read<Bought>('order-clerk', { path: `complaints/purchases?receipt=${receipt}` });
  const { distributorId, shipmentLine, productName, specification, grade, colourNumber, batch, purchasedOn } =
    items[0]!;
  const goods = { shipmentLine, productName, specification, grade, colourNumber, batch, purchasedOn };
  const path = `distributors/distributors/${distributorId}`;
  const who = onTheBooks
    ? { distributorCode: (await t.read<{ code: string }>(manager, { path })).code }
    : { customer: '示例客户' };
  return t.make<Complained>('order-clerk', 'complaints/complaints', {
    ...goods,
    ...who,
    receipt,
    quantity: '1',
    defect,
    description,
  });
}

/** The department that may be at fault says what it found, and the manager confirms it. */
async function causeFound(
  t: Story,
  made: Complained,
  area: string,
  department: string,
  finding: string,
): Promise<void> {
  const handler = made.handlerRole;
  await t.moves(made, [handler, 'acknowledge'], [handler, 'notify-departments', { areas: [area] }]);
  const inquiry = await t.find(department, `complaints/inquiries?complaintId=${made.id}`);
  await t.moves(inquiry, [department, 'acknowledge'], [department, 'answer', { atFault: true, finding }]);
  await t.move(handler, made, 'confirm-cause', { cause: area, finding });
}
