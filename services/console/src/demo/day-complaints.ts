import { Refused } from './api.js';
import type { Stories, Story, Subject } from './day-story.js';
import { calendar } from './season.js';

/** Complaints: about goods and about service, after-sales, opinions; what came of them. */
const manager = 'sales-manager';
const deputy = 'deputy-general-manager-sales';
const administrator = 'sales-administrator';
const technical = 'technical-department';
const clerk = 'order-clerk';
const told = { way: 'telephone' };

export const complaintStories: Stories = {
  /** From the call to the copy in the office: the cause is found in the warehouse, part of the price is given back, the customer is content. */
  async settled(t) {
    const made = await logged(t, 0, '破损', '开箱后发现整箱边角破损');
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
    );
    await t.edit('head-of-department', form, { department }, 'sign-section');
    await t.edit(manager, form, { result: '减价处理，客户同意' }, 'sign');
    await t.moves(form, [manager, 'send-copy'], ['office', 'receive-copy', { place: '办公室档案柜3号' }]);
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
    const { person } = await t.read<{ person: string }>(clerk, { path: 'complaints/me' });
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
    await t.edit('human-resources', penalty, {}, 'approve');
    await t.make('sales-support-clerk', 'complaints/service-complaints', {
      channel: 'visit',
      distributorCode: t.has.customer().code,
      description: '提货时等候两小时',
    });
  },

  /** The regional manager goes there: the sales general manager's opinion, the technical department's decision, and it is done. */
  async onSite(t) {
    // one in the region that the manager answers for
    const { code: distributorCode } = t.has.market.sound.find(({ seller }) => seller !== clerk)!;
    const made = await reported(t, distributorCode, '展厅样板墙局部色差');
    await t.moves(
      made,
      [administrator, 'notify-manager', told],
      ['regional-manager', 'go-on-site', { visitedOn: t.today, findings: '同批次两箱色号混放' }],
      ['sales-general-manager', 'sign-opinion', { opinion: '建议更换' }],
      [technical, 'begin-verifying'],
      [technical, 'decide', { verified: '色号标签贴错', decision: '更换两箱并派人重贴', service: 'replace' }],
      [administrator, 'record-service', { servicedOn: t.today, result: '已更换，客户满意' }],
      [administrator, 'inform-manager', told],
      [administrator, 'close'],
    );
  },

  /** Too far for the regional manager: one waits for the distributor's photographs, of another nobody has told the manager yet. */
  async afterSales(t) {
    const made = await reported(t, t.has.customer().code, '工地大面积铺贴后空鼓');
    await t.moves(
      made,
      [administrator, 'notify-manager', told],
      [administrator, 'request-photos', { reason: '区域经理在外地，无法当日到场' }],
    );
    await reported(t, t.has.customer().code, '个别砖边角翘曲');
  },

  /** Of three questions one is settled at once, one when the customer comes back with it, one waits for technical. */
  async technicalSupport(t) {
    const ask = async (question: string) => {
      const form = { distributorCode: t.has.customer().code, question };
      const asked = await t.make(administrator, 'complaints/technical-support', form);
      return t.move(administrator, asked, 'notify-manager', told);
    };
    const end: [who: string, move: string, form?: object][] = [
      [administrator, 'inform-manager', told],
      [administrator, 'close'],
    ];
    const [once, twice] = [await ask('大板用哪种胶粘剂？'), await ask('美缝剂变色怎么处理？')];
    await ask('地暖上铺贴要留多宽的缝？');
    await t.moves(once, [technical, 'answer', { answer: 'C2 级以上，双面涂抹' }], ...end);
    await t.moves(
      twice,
      [technical, 'answer', { answer: '先用中性清洁剂清洗' }],
      [administrator, 'contact-again', { reason: '清洗后仍变色' }],
      [technical, 'answer', { answer: '剔除后改用环氧彩砂' }],
      ...end,
    );
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
};

type Complained = Subject & { readonly handlerRole: string };

interface Bought {
  readonly items: readonly {
    readonly shipmentLine: number;
    readonly productName: string;
    readonly specification: string;
    readonly grade: string;
    readonly colourNumber: string;
    readonly batch: string;
    readonly purchasedOn: string;
  }[];
}

const reported = (t: Story, distributorCode: string, description: string) =>
  t.make(administrator, 'complaints/after-sales-cases', { distributorCode, description });

/** A complaint of goods delivered two or three months ago, the same ones on every run. */
async function logged(t: Story, nth: number, defect: string, description: string): Promise<Complained> {
  const span = `orderedOnFrom=${calendar.addDays(t.today, -90)}&orderedOnTo=${calendar.addDays(t.today, -60)}`;
  const delivered = await t.list<object>(clerk, `orders/orders?state=completed&${span}`);
  const receipt = delivered[nth]?.number;
  if (receipt === undefined) throw new Refused('nothing-left', 'nothing was delivered');
  const { items } = await t.read<Bought>(clerk, { path: `complaints/purchases?receipt=${receipt}` });
  const { shipmentLine, productName, specification, grade, colourNumber, batch, purchasedOn } = items[0]!;
  const goods = { shipmentLine, productName, specification, grade, colourNumber, batch, purchasedOn };
  const customer = '示例客户';
  return t.make<Complained>(clerk, 'complaints/complaints', {
    ...goods,
    customer,
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
