import type { CalendarDate } from '@fenxiao/domain/calendar-date';
import { divideRounded, formatDecimal } from '@fenxiao/domain/decimal';
import { Money } from '@fenxiao/domain/money';
import { Percentage } from '@fenxiao/domain/percentage';
import type { Order } from './orders.js';
import { families } from './products.js';
import type { Random } from './random.js';
import { provinces } from './regions.js';
import type { Row } from './rows.js';
import { calendar, daysFrom, demandOn, growth, plusDays } from './season.js';

/** Stems instead of names, so that no real maker is meant. */
export const vendors = [
  { code: 'US', name: '示范陶瓷', us: true },
  { code: 'JIA', name: '甲牌陶瓷' },
  { code: 'YI', name: '乙牌瓷业' },
  { code: 'BING', name: '丙牌建陶' },
  { code: 'DING', name: '丁牌瓷砖' },
  { code: 'WU', name: '戊牌大板' },
] satisfies Row<'competitors'>[];

/** What the others have of what is not ours, in per cent; how that moves in a year; their prices against ours. */
const others = [
  { name: 'JIA', part: 30, trend: -0.04, price: 1.12 },
  { name: 'YI', part: 24, trend: 0.02, price: 1.02 },
  { name: 'BING', part: 17, trend: 0, price: 0.93 },
  { name: 'DING', part: 12, trend: 0.09, price: 0.88 },
  { name: 'WU', part: 7, trend: 0.16, price: 1.2 },
  // nobody registered these
  { name: '本地小厂', part: 7, trend: -0.06, price: 0.7 },
  { name: '外省贴牌', part: 3, trend: 0, price: 0.76 },
];
const sources = [
  { source: '行业协会月报', confidence: 'high', weight: 2 },
  { source: '门店走访', confidence: 'medium', weight: 4 },
  { source: '公开资料推算', confidence: 'medium', weight: 2 },
  { source: '经销商访谈', confidence: 'low', weight: 3 },
] as const;

/** Growth of the whole market a year: half of ours. */
const marketGrowth = 0.06;

/** What is ordered is shipped some working days later: our months are those of shipment, and so are the market's. */
const shipmentLag = 2;
const thousandYuan = 100_000n;

interface Sales {
  readonly net: bigint;
  readonly quantity: bigint;
}
const none: Sales = { net: 0n, quantity: 0n };

/**
 * What each vendor sold, by month, province and family, over the full months: our own from the ledger, by the day of
 * shipment, to the fen; of the others what sources guess, in thousands of yuan. They live through the same seasons.
 * @param full first day after the full months
 */
export function observationRows(
  random: Random,
  orders: readonly Order[],
  { scale, start, full }: { scale: number; start: CalendarDate; full: CalendarDate },
): Row<'observations'>[] {
  const ledger = ledgerOf(orders, full);
  const of = (...key: string[]) => ledger.get(key.join(' ')) ?? none;
  const months = monthsOf(start, full);
  // a small demonstration watches fewer provinces
  const watched = provinces.filter((_, i) => scale >= 1 || i % Math.ceil(1 / scale) === 0);
  return watched.flatMap((province) => {
    const { area } = province;
    const rivals = rivalsIn(random);
    const part = province.market / area.provinces.reduce((sum, { market }) => sum + market, 0);
    return families.flatMap((family) => {
      const inArea = of(area.code, family.code);
      const inAll = of(family.code);
      if (inArea.net === 0n) return [];
      const share = area.share * family.strength;
      return months.flatMap(({ month, weight, years }) => {
        const about = { month, regionCode: province.code, category: family.name };
        const own = of(month, province.code, family.code);
        const rows: Row<'observations'>[] = [];
        if (own.net > 0n) {
          const [value, volume] = [Money.fen(own.net).toString(), formatDecimal(own.quantity, 3)];
          rows.push({ ...about, vendor: 'US', value, volume, source: '公司销售台账', confidence: 'high' });
        }
        for (const { name, presence, trend, price, favourite } of rivals) {
          const { source, confidence } = random.chance(0.8) ? favourite : random.pick(sources);
          const noise = Math.exp(0.07 * random.normal());
          const factor = ((1 - share) / share) * part * weight * presence * (1 + trend) ** years * noise;
          const exact = Money.fen(inArea.net).times(Percentage.ofRatio(factor.toFixed(8)));
          const thousands = divideRounded(exact.fen, thousandYuan);
          if (thousands === 0n) continue;
          const fen = thousands * thousandYuan;
          // at our average price of the family, times how dear they are; whole units
          const units = divideRounded(fen * inAll.quantity * 100n, inAll.net * BigInt(Math.round(price * 100)) * 1000n);
          const [value, volume] = [Money.fen(fen).toString(), `${units}`];
          rows.push({ ...about, vendor: name, value, volume, source, confidence });
        }
        return rows;
      });
    });
  });
}

/** Who is there in a province, with what part of what is not ours, and who usually tells us. */
function rivalsIn(random: Random) {
  const there = others
    .filter(({ part }) => part > 20 || random.chance(0.55))
    .map((rival) => ({ ...rival, weight: rival.part * random.between(0.6, 1.4) }));
  const all = there.reduce((sum, { weight }) => sum + weight, 0);
  return there.map(({ weight, ...rival }) => {
    const favourite = random.weighted(
      sources,
      sources.map((source) => source.weight),
    );
    return { ...rival, favourite, presence: weight / all };
  });
}

/** Shipped net sales and quantity by month, province and family; by area and family; by family. */
function ledgerOf(orders: readonly Order[], full: CalendarDate): Map<string, Sales> {
  const ledger = new Map<string, Sales>();
  for (const { shippedOn, distributor, lines } of orders) {
    if (shippedOn === undefined || shippedOn >= full) continue;
    const { code, area } = distributor.province;
    for (const { product, net, quantity } of lines) {
      const family = product.family.code;
      for (const key of [`${shippedOn.slice(0, 7)}-01 ${code} ${family}`, `${area.code} ${family}`, family]) {
        const before = ledger.get(key) ?? none;
        ledger.set(key, { net: before.net + net.fen, quantity: before.quantity + quantity.units });
      }
    }
  }
  return ledger;
}

/** The full months, each with its part of the market of all of them, and its distance from the middle in years. */
function monthsOf(start: CalendarDate, full: CalendarDate) {
  const weights = new Map<string, number>();
  for (const day of daysFrom(plusDays(start, -14), plusDays(full, -1))) {
    const month = `${calendar.addWorkingDays(day, shipmentLag).slice(0, 7)}-01`;
    if (month < start || month >= full) continue;
    weights.set(month, (weights.get(month) ?? 0) + demandOn(day) * growth(marketGrowth, start, day));
  }
  const all = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  return [...weights].map(([month, weight], i) => ({
    month,
    weight: weight / all,
    years: (i - (weights.size - 1) / 2) / 12,
  }));
}
