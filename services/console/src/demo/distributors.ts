import type { CalendarDate } from '@fenxiao/domain/calendar-date';
import { apportion, type Random } from './random.js';
import { provinces, type PlacedProvince } from './regions.js';
import type { Row } from './rows.js';
import { daysBetween, growth, plusDays } from './season.js';

type DistributorRow = Row<'distributors'>;

/** A customer, what it is like, and from when to when it orders. */
export interface Distributor {
  readonly row: DistributorRow;
  readonly province: PlacedProvince;
  readonly state: NonNullable<DistributorRow['state']>;
  readonly segment: NonNullable<DistributorRow['segment']>;
  readonly prepaid: boolean;
  readonly paymentDays: number;
  /** what it buys against an average one */
  readonly size: number;
  /** growth a year of its own, beside that of all */
  readonly trend: number;
  /** how it pays */
  readonly payer: 'prompt' | 'late' | 'bad';
  /** orders from this day on; undefined: never yet */
  readonly from: CalendarDate | undefined;
  readonly to: CalendarDate;
}

/** Customers at scale 1. */
const customers = 120;
/** in per cent; the others are active */
const states = [
  ['prospect', 5],
  ['qualified', 2],
  ['trial', 2],
  ['suspended', 4],
  ['terminated', 4],
] as const;
const ordering = new Set(['active', 'suspended', 'terminated']);

/** Two stems after the city: 杭州甲丙陶瓷商行, so that no real firm is meant. */
const stems = '甲 乙 丙 丁 戊 己 庚 辛 壬 癸'.split(' ');
const kinds = {
  'regional-distributor': { type: 'distributor', names: ['陶瓷商行', '建材经营部'], weight: 55, terms: [30, 45] },
  'retail-shop': { type: 'retailer', names: ['瓷砖店', '装饰材料店'], weight: 28, terms: [15, 30] },
  'engineering-project': { type: 'engineering-project', names: ['工程材料公司'], weight: 13, terms: [60, 90] },
  other: { type: 'agent', names: ['贸易行'], weight: 4, terms: [30] },
} as const;
const segments = Object.keys(kinds) as (keyof typeof kinds)[];

export function makeDistributors(
  random: Random,
  scale: number,
  start: CalendarDate,
  until: CalendarDate,
): Distributor[] {
  const total = Math.max(12, Math.round(customers * scale));
  const target = provinces.map(({ market, area }) => market * area.share);
  // small markets have few customers, and yet more than their part of the sales
  const counts = apportion(
    total,
    target.map((weight) => weight ** 0.6),
    2,
  );
  const placed = provinces.flatMap((province, i) => Array.from({ length: counts[i]! }, () => province));
  const stateOf = assignStates(random.stream('states'), placed);
  const sizes = placed.map(() => Math.exp(0.95 * random.normal()));
  const names = new Set<string>();
  return placed.map((province, i): Distributor => {
    const code = `D${String(i + 1).padStart(total > 999 ? 4 : 3, '0')}`;
    const segment = random.weighted(
      segments,
      segments.map((name) => kinds[name].weight),
    );
    const state = stateOf[i]!;
    const { type, terms } = kinds[segment];
    const prepaid = segment !== 'engineering-project' && random.chance(segment === 'retail-shop' ? 0.4 : 0.15);
    const paymentDays = prepaid ? 0 : random.pick(terms);
    // what a province buys is shared out among those of its customers that order
    const rivals = placed.map((other, j) => (other === province && ordering.has(stateOf[j]!) ? sizes[j]! : 0));
    const part =
      sizes[i]! /
      Math.max(
        rivals.reduce((a, b) => a + b, 0),
        sizes[i]!,
      );
    const share = target[provinces.indexOf(province)]! / target.reduce((a, b) => a + b, 0);
    return {
      province,
      state,
      segment,
      prepaid,
      paymentDays,
      size: part * share * total,
      row: {
        code,
        name: newName(random, province, segment, names),
        licence: `DEMO${String(i + 1).padStart(14, '0')}`,
        regionCode: province.code,
        partnerType: type,
        segment,
        terms: prepaid ? 'prepaid' : 'credit',
        paymentDays,
        state,
      },
      ...period(random, state, start, until),
      trend: random.chance(0.12) ? random.pick([-0.45, -0.3, 0.4, 0.7]) : random.between(-0.1, 0.1),
      payer: state === 'suspended' ? 'bad' : random.weighted(['prompt', 'late', 'bad'] as const, [78, 17, 5]),
    };
  });
}

/** Most are active, and in every province one, where there are customers enough for that. */
function assignStates(random: Random, placed: readonly PlacedProvince[]): Distributor['state'][] {
  const stateOf = placed.map((): Distributor['state'] => 'active');
  const first = new Set(placed.map((province) => placed.indexOf(province)));
  const shuffled = random.shuffled(placed.map((_, i) => i));
  const candidates = [...shuffled.filter((i) => !first.has(i)), ...shuffled.filter((i) => first.has(i))];
  for (const [state, percent] of states) {
    const wanted = Math.max(1, Math.round((placed.length * percent) / 100));
    for (const i of candidates.splice(0, wanted)) stateOf[i] = state;
  }
  return stateOf;
}

function newName(random: Random, { name, cities }: PlacedProvince, segment: keyof typeof kinds, taken: Set<string>) {
  const direct = ['北京', '上海', '重庆'].includes(name);
  for (;;) {
    const city = random.pick(cities);
    const made = `${direct ? name : ''}${city}${random.pick(stems)}${random.pick(stems)}${random.pick(kinds[segment].names)}`;
    if (taken.has(made)) continue;
    taken.add(made);
    return made;
  }
}

function period(random: Random, state: Distributor['state'], start: CalendarDate, until: CalendarDate) {
  const days = daysBetween(start, until);
  const end =
    state === 'terminated'
      ? plusDays(until, -random.int(60, Math.floor(days * 0.6)))
      : state === 'suspended'
        ? plusDays(until, -random.int(45, 90))
        : until;
  if (!ordering.has(state)) return { from: undefined, to: end };
  const isNew = state === 'active' && random.chance(0.16);
  return { from: isNew ? plusDays(start, random.int(30, days - 40)) : plusDays(start, -random.int(1, 2000)), to: end };
}

/** How much a customer orders on a day, before the season: starts small, and grows or shrinks in its own way. */
export function appetite({ from, to, size, trend }: Distributor, start: CalendarDate, date: CalendarDate): number {
  if (from === undefined || date < from || date > to) return 0;
  const known = Math.min(1, 0.4 + daysBetween(from, date) / 150);
  return size * known * growth(trend, start, date);
}
