import type { CalendarDate } from '@fenxiao/domain/calendar-date';
import { divideRounded, formatDecimal } from '@fenxiao/domain/decimal';
import { Percentage } from '@fenxiao/domain/percentage';
import { Quantity } from '@fenxiao/domain/quantity';
import { UnitPrice } from '@fenxiao/domain/unit-price';
import { apportion, type Random } from './random.js';
import type { Row } from './rows.js';
import { plusDays } from './season.js';

/** What the maker sells, and its price lists. */
export interface Product {
  readonly row: Row<'products'>;
  readonly family: Family;
  /** how well it sells against others of its family, once it is known */
  readonly popularity: number;
  readonly launchedOn: CalendarDate;
  /** last day on which it was sold */
  readonly soldUntil: CalendarDate | undefined;
  /** quantity of one box in the sales unit: orders are whole boxes */
  readonly box: Quantity;
  /** square metres of one sales unit, in thousandths */
  readonly area: bigint;
  /** price of each yearly list, by the day it takes effect, in order */
  readonly prices: readonly { readonly validFrom: CalendarDate; readonly price: UnitPrice }[];
}

interface Specification {
  /** millimetres */
  readonly width: number;
  readonly height: number;
  readonly pieces: number;
  /** price of a square metre against that of the family */
  readonly factor: number;
}

export interface Family {
  readonly code: string;
  readonly name: string;
  readonly unit: 'm²' | '片';
  /** of the catalogue, and of what is sold, in per cent */
  readonly weight: number;
  /** list price of a square metre without tax in yuan, from and to */
  readonly price: readonly [number, number];
  /** yearly increase of its list prices in per cent */
  readonly increase: string;
  /** our share in it against our share in all */
  readonly strength: number;
  readonly specifications: readonly Specification[];
}

const size = (width: number, height: number, pieces: number, factor = 1): Specification => ({
  width,
  height,
  pieces,
  factor,
});

export const families: readonly Family[] = [
  {
    code: 'PG',
    name: '抛光砖',
    unit: 'm²',
    weight: 26,
    price: [42, 68],
    increase: '1.8',
    strength: 1.08,
    specifications: [size(600, 600, 4), size(800, 800, 3, 1.1), size(750, 1500, 2, 1.35)],
  },
  {
    code: 'FG',
    name: '仿古砖',
    unit: 'm²',
    weight: 21,
    price: [46, 76],
    increase: '2.5',
    strength: 1.04,
    specifications: [size(300, 600, 8), size(600, 600, 4, 1.05), size(600, 1200, 2, 1.3)],
  },
  {
    code: 'CP',
    name: '瓷片',
    unit: 'm²',
    weight: 22,
    price: [30, 48],
    increase: '1.5',
    strength: 1,
    specifications: [size(300, 600, 8), size(400, 800, 5, 1.2)],
  },
  {
    code: 'MW',
    name: '木纹砖',
    unit: 'm²',
    weight: 14,
    price: [48, 78],
    increase: '2.8',
    strength: 0.95,
    specifications: [size(150, 900, 8), size(200, 1200, 5, 1.15)],
  },
  {
    code: 'MS',
    name: '马赛克',
    unit: '片',
    weight: 6,
    price: [140, 240],
    increase: '2.2',
    strength: 0.9,
    specifications: [size(300, 300, 11)],
  },
  {
    code: 'DB',
    name: '大板',
    unit: '片',
    weight: 11,
    price: [120, 190],
    increase: '3',
    strength: 0.85,
    specifications: [size(900, 1800, 1), size(1200, 2400, 1, 1.2), size(1600, 3200, 1, 1.5)],
  },
];

const grades = [
  { name: '优等品', code: 'U', price: '100', popularity: 1, chance: 1 },
  { name: '一级品', code: 'Y', price: '88', popularity: 0.3, chance: 0.32 },
  { name: '合格品', code: 'H', price: '74', popularity: 0.15, chance: 0.1 },
];
const motifs =
  '云岩 雾山 沙丘 星河 素心 石纹 雪原 松涧 晨光 远黛 月影 流金 青砾 霜华 溪谷 暖阳 海风 竹韵 秋叶 玉峰'.split(' ');
const colours = '白 米 灰 咖 蓝 墨'.split(' ');

const catalogueSize = 180;
const newProducts = 24;
const retiredProducts = 12;

/** @param start first day of the history, in whose year the first list holds. @param until its last day */
export function makeProducts(random: Random, start: CalendarDate, until: CalendarDate): Product[] {
  const sizes = apportion(
    catalogueSize,
    families.map(({ weight }) => weight + 8),
  );
  const designs = families.flatMap((family, i) => designsOf(family, sizes[i]!, random.stream(family.code)));
  // whole designs are launched and given up, with all their grades
  const fresh = new Set<Design>();
  const old = new Set<Design>();
  for (const design of random.shuffled(designs)) {
    if (count(fresh) < newProducts) fresh.add(design);
    else if (count(old) < retiredProducts) old.add(design);
  }
  const years = yearsBetween(start, until);
  return designs.flatMap((design) => {
    const launchedOn = fresh.has(design)
      ? plusDays(until, -random.int(20, 350))
      : plusDays(start, -random.int(90, 2500));
    const soldUntil = old.has(design) ? plusDays(until, -random.int(30, 500)) : undefined;
    return design.grades.map((grade) => product(design, grade, launchedOn, soldUntil, years));
  });
}

interface Design {
  readonly family: Family;
  readonly specification: Specification;
  readonly name: string;
  readonly number: number;
  readonly colourNumber: string;
  readonly popularity: number;
  /** list price of a square metre in the first year, in tenths of a yuan */
  readonly price: number;
  readonly costPercent: string;
  readonly grades: readonly (typeof grades)[number][];
}

const count = (designs: ReadonlySet<Design>) => [...designs].reduce((sum, { grades }) => sum + grades.length, 0);

function designsOf(family: Family, products: number, random: Random): Design[] {
  const names = random.shuffled(motifs.flatMap((motif) => colours.map((colour) => `${motif}${colour}`)));
  const designs: Design[] = [];
  for (let left = products; left > 0; left -= designs.at(-1)!.grades.length) {
    const number = 101 + designs.length;
    const specification = random.pick(family.specifications);
    const colourNumber = `S${String(random.int(1, 48)).padStart(2, '0')}`;
    const price = Math.round(random.between(...family.price) * specification.factor * 10);
    const held = grades.filter(({ chance }) => random.chance(chance)).slice(0, left);
    designs.push({
      family,
      specification,
      number,
      colourNumber,
      price,
      grades: held,
      name: `${names[designs.length]}${family.name}`,
      popularity: Math.exp(0.8 * random.normal()),
      costPercent: random.between(61, 72).toFixed(1),
    });
  }
  return designs;
}

function product(
  { family, specification, name, number, colourNumber, popularity, price, costPercent }: Design,
  grade: (typeof grades)[number],
  launchedOn: CalendarDate,
  soldUntil: CalendarDate | undefined,
  years: readonly string[],
): Product {
  const { width, height, pieces } = specification;
  const pieceArea = BigInt((width * height) / 1000);
  const boxArea = pieceArea * BigInt(pieces);
  const byPiece = family.unit === '片';
  const box = Quantity.of(byPiece ? String(pieces) : formatDecimal(boxArea, 3));
  let tenths = divideRounded(BigInt(price) * (byPiece ? pieceArea : 1000n), 1000n);
  tenths = divideRounded(tenths * Percentage.of(grade.price).units, Percentage.whole);
  const prices = years.map((year, i) => {
    if (i > 0)
      tenths = divideRounded(tenths * (Percentage.whole + Percentage.of(family.increase).units), Percentage.whole);
    return { validFrom: `${year}-01-01`, price: UnitPrice.of(formatDecimal(tenths, 1)) };
  });
  const row: Row<'products'> = {
    code: `${family.code}-${sizeCode(specification)}-${number}${grade.code}`,
    name,
    specification: `${width}×${height}mm`,
    grade: grade.name,
    colourNumber,
    family: family.name,
    unit: family.unit,
    packaging: `${pieces}片/箱，${formatDecimal(boxArea, 3).slice(0, -1)}m²/箱`,
    launchedOn,
    taxRate: '13',
    standardCost: part(prices[0]!.price, Percentage.of(costPercent)),
    costFrom: prices[0]!.validFrom,
    ...(soldUntil ? { retired: true } : {}),
  };
  return {
    row,
    family,
    launchedOn,
    soldUntil,
    box,
    prices,
    area: byPiece ? pieceArea : 1000n,
    popularity: popularity * grade.popularity,
  };
}

const sizeCode = ({ width, height }: Specification) => `${width / 10}${height / 10}`;

function part(price: UnitPrice, percent: Percentage): string {
  return formatDecimal(divideRounded(price.units * percent.units, Percentage.whole), 4);
}

function yearsBetween(start: CalendarDate, until: CalendarDate): string[] {
  const first = Number(start.slice(0, 4));
  return Array.from({ length: Number(until.slice(0, 4)) - first + 1 }, (_, i) => String(first + i));
}

/** The list price in force on a day. A list is made for a whole year, what is launched in it included. */
export const priceOn = ({ prices }: Product, date: CalendarDate): UnitPrice =>
  prices.findLast(({ validFrom }) => validFrom <= date)!.price;

export const isSold = ({ launchedOn, soldUntil }: Product, date: CalendarDate): boolean =>
  launchedOn <= date && (soldUntil === undefined || date <= soldUntil);

/** List `STANDARD`: a version a year, tax excluded, of what is sold in that year. */
export function priceRows(products: readonly Product[]): Row<'prices'>[] {
  const rows = products.flatMap(({ row, prices, launchedOn, soldUntil }) =>
    prices
      .filter(
        ({ validFrom }) => launchedOn.slice(0, 4) <= validFrom.slice(0, 4) && validFrom <= (soldUntil ?? validFrom),
      )
      .map(({ validFrom, price }) => ({
        listCode: 'STANDARD',
        validFrom,
        taxIncluded: false,
        productCode: row.code,
        price: price.toString(),
      })),
  );
  return rows.sort((a, b) => a.validFrom.localeCompare(b.validFrom));
}
