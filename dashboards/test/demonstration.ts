/** Two years of invented business, the same at every run: enough for every panel to look as it will. */
import type { TestEvent } from './engine.js';

const id = (kind: number, n: number): string => `0000000${kind}-0000-4000-8000-${String(n).padStart(12, '0')}`;
const meta = (to?: string) => ({
  actor: 'system',
  role: 'system',
  rule: 'O-01',
  ...(to === undefined ? {} : { move: { procedure: 'order', name: 'move', to } }),
});

const tree: [name: string, children: string[]][] = [
  ['华东', ['上海', '杭州', '南京']],
  ['华南', ['广州', '深圳']],
  ['西南', ['重庆', '成都', '昆明']],
  ['华北', ['北京', '天津']],
];
const families = ['抛光砖', '仿古砖', '木纹砖', '马赛克', '大理石瓷砖', '户外厚砖', '岩板', '配件', '样品'];
const states = [
  'submitted',
  'on-hold',
  'confirmed',
  'backordered',
  'allocated',
  'partially-shipped',
  'shipped',
  'delivered',
];
const vendors: [code: string, name: string, weight: number][] = [
  ...([
    ['us', '本厂陶瓷', 20],
    ['v1', '东岳建陶', 26],
    ['v2', '蓝鲸瓷业', 17],
    ['v3', '宏远陶瓷', 12],
  ] as [string, string, number][]),
  ...([
    ['v4', 'Nordstein', 8],
    ['v5', '金鼎', 6],
    ['other', '零散小厂', 9],
    ['other', '进口杂牌', 4],
  ] as [string, string, number][]),
];

/** A small generator of even numbers in [0, 1), seeded. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** @param now where the two years end */
export function demonstration(now: Date): TestEvent[] {
  const chance = random(7);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(chance() * of.length)]!;
  const events: TestEvent[] = [];
  const add = (type: string, subject: string, day: string, data: Record<string, unknown>, to?: string) =>
    events.push({
      type: `fenxiao.${type}.v1`,
      subject,
      time: `${day}T06:00:00.000Z`,
      data: { meta: meta(to), ...data },
    });

  const cities: string[] = [];
  let region = 0;
  for (const [name, children] of tree) {
    const parentId = id(1, ++region);
    add('distributors.region.created', parentId, '2020-01-01', { code: `R${region}`, name, validFrom: '2020-01-01' });
    for (const child of children) {
      cities.push(id(1, ++region));
      add('distributors.region.created', id(1, region), '2020-01-01', {
        code: `R${region}`,
        name: child,
        parentId,
        validFrom: '2020-01-01',
      });
    }
  }
  const names = ['鸿运建材', '大同装饰', '百合家居', '新世纪瓷砖', '锦绣工程', '安居建材'];
  const partners = Array.from({ length: 48 }, (_, n) => ({
    id: id(2, n + 1),
    code: `D${1001 + n}`,
    region: cities[n % cities.length]!,
  }));
  partners.forEach((partner, n) =>
    add('distributors.distributor.created', partner.id, '2020-01-02', {
      code: partner.code,
      name: `${names[n % names.length]}${n + 1}号店`,
      licence: 'L',
      partnerType: 'distributor',
      segment: 'retail-shop',
      class: 'A',
      regionId: partner.region,
      terms: 'credit',
      paymentDays: 30,
    }),
  );
  const people = Array.from({ length: 9 }, (_, n) => id(3, n + 1));
  people.forEach((person, n) =>
    add('appraisals.person.registered', person, '2020-01-01', {
      staffNumber: `S${2001 + n}`,
      category: 'business',
      kind: 'sales',
      employment: 'regular',
      joinedOn: '2020-01-01',
    }),
  );

  let number = 0;
  for (let month = 23; month >= 0; month--) {
    const season = 1 + 0.25 * Math.sin(((now.getUTCMonth() - month) / 12) * 2 * Math.PI) + (23 - month) * 0.012;
    for (let i = 0; i < Math.round(60 * season); i++) {
      const at = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - month, 1 + Math.floor(chance() * 28)));
      if (at > now) continue;
      const day = at.toISOString().slice(0, 10);
      const partner = partners[Math.floor(chance() ** 1.7 * partners.length)]!;
      const subject = id(4, ++number);
      const lines = Array.from({ length: 1 + Math.floor(chance() * 4) }, (_, line) => {
        const quantity = 20 + Math.floor(chance() * 480);
        const listPrice = 38 + Math.floor(chance() * 120);
        const unitPrice = chance() < 0.12 ? listPrice * 0.94 : listPrice;
        const net = (quantity * unitPrice).toFixed(2);
        return {
          line: line + 1,
          orderLine: line + 1,
          productId: id(5, 1),
          productCode: 'P1',
          family: families[Math.floor(chance() ** 1.6 * families.length)]!,
          quantity: `${quantity}.000`,
          listPrice: listPrice.toFixed(2),
          unitPrice: unitPrice.toFixed(2),
          discount: '0',
          gift: false,
          net,
          tax: '0.00',
          gross: net,
        };
      });
      const net = lines.reduce((sum, line) => sum + Number(line.net), 0).toFixed(2);
      const head = {
        number: `O${number}`,
        distributorId: partner.id,
        distributorCode: partner.code,
        regionId: partner.region,
        segment: 'retail-shop',
        channel: 'direct',
        currency: 'CNY',
        net,
        tax: '0.00',
        gross: net,
        lines,
        salespersonId: pick(people),
      };
      add('orders.order.submitted', subject, day, { ...head, orderedOn: day }, month > 1 ? 'completed' : pick(states));
      if (month > 0 || chance() < 0.6)
        add('orders.shipment.dispatched', id(6, number), day, {
          ...head,
          orderId: subject,
          orderNumber: head.number,
          shippedOn: day,
        });
      const given = lines.reduce(
        (sum, { quantity, listPrice, unitPrice }) => sum + Number(quantity) * (Number(listPrice) - Number(unitPrice)),
        0,
      );
      if (given > 0)
        add('orders.price-exception.approved', id(7, number), day, {
          orderId: subject,
          orderNumber: head.number,
          approver: 'sales-manager',
          deviation: '-6',
          marginGivenAway: given.toFixed(2),
          currency: 'CNY',
          lines: [{ line: 1 }],
        });
    }
  }

  for (let back = 180; back >= 1; back--) {
    const on = new Date(now.getTime() - back * 86_400_000).toISOString().slice(0, 10);
    const tide = 1 + 0.3 * Math.sin(back / 29);
    add('orders.credit-position.recorded', id(4, 500_000 + back), on, {
      on,
      currency: 'CNY',
      positions: partners.map((partner, n) => ({
        distributorId: partner.id,
        distributorCode: partner.code,
        regionId: partner.region,
        exposure: ((120 + (n % 7) * 90) * 1000 * tide * (0.9 + chance() * 0.2)).toFixed(2),
        limit: `${(300 + (n % 5) * 150) * 1000}.00`,
      })),
    });
    add('orders.stock-position.recorded', id(4, 600_000 + back), on, {
      on,
      currency: 'CNY',
      stock: families.map((family, n) => ({
        warehouse: 'W1',
        family,
        quantity: `${4000 + n * 700}.000`,
        value: ((160 + n * 45) * 1000 * (0.9 + chance() * 0.2)).toFixed(2),
        uncosted: n === families.length - 1 ? '900.000' : '0.000',
      })),
      issued: families.map((family, n) => {
        const quantity = Math.round((110 - n * 9) * (0.5 + chance()));
        return { family, quantity: `${quantity}.000`, cost: (quantity * 42).toFixed(2), uncosted: '0.000' };
      }),
    });
  }

  let observation = 0;
  vendors
    .filter(([code]) => code !== 'other')
    .forEach(([code, name], n) => add('planning.competitor.registered', id(8, n + 1), '2020-01-01', { code, name }));
  add('planning.competitor.chosen-as-us', id(8, 1), '2020-01-02', { code: 'us', name: '本厂陶瓷' });
  for (let month = 23; month >= 1; month--) {
    const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - month, 1)).toISOString().slice(0, 10);
    for (const city of cities)
      for (const category of ['墙地砖', '岩板', '马赛克'])
        for (const [vendor, vendorName, weight] of vendors) {
          const drift = vendor === 'us' ? 1 + (23 - month) * 0.018 : vendor === 'v1' ? 1.1 - (23 - month) * 0.006 : 1;
          const value = (weight * drift * (0.75 + chance() * 0.5) * 12_000).toFixed(2);
          const confidence = month >= 9 && month <= 11 ? 'low' : chance() < 0.6 ? 'high' : 'medium';
          add('planning.market-observation.recorded', id(9, ++observation), now.toISOString().slice(0, 10), {
            month: first,
            regionId: city,
            category,
            vendor,
            vendorName,
            value,
            volume: (Number(value) / 80).toFixed(3),
            currency: 'CNY',
            source: pick(['行业协会', '渠道走访']),
            confidence,
          });
        }
  }
  return events;
}
