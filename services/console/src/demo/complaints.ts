import type { CalendarDate } from '@fenxiao/domain/calendar-date';
import type { Order } from './orders.js';
import type { Random } from './random.js';
import type { Row } from './rows.js';
import { calendar, plusDays } from './season.js';

/** The register of complaints before Fenxiao: what customers found wrong with what was delivered, and when it was settled. */

/** complaints about a thousand deliveries */
const perThousand = 9;
const defects = ['色差', '破损', '尺寸偏差', '表面针孔', '缺棱掉角', '错发'] as const;
const shares = [30, 25, 16, 14, 9, 6];
const severities = ['minor', 'medium', 'serious', 'grave'] as const;
const severityShares = [46, 40, 12, 2];
/** working days until it is settled, from and to */
const settling: Record<(typeof severities)[number], [number, number]> = {
  minor: [1, 4],
  medium: [2, 8],
  serious: [5, 15],
  grave: [8, 25],
};

export function complaintRows(random: Random, orders: readonly Order[], until: CalendarDate): Row<'complaints'>[] {
  const found = orders.flatMap((order): Omit<Row<'complaints'>, 'number'>[] => {
    if (order.deliveredOn === undefined || !random.chance(perThousand / 1000)) return [];
    const received = calendar.workingDayOnOrAfter(plusDays(order.deliveredOn, random.int(1, 25)));
    const severity = random.weighted(severities, severityShares);
    const closed = calendar.addWorkingDays(received, random.int(...settling[severity]));
    const { row } = random.pick(order.lines).product;
    if (received > until) return [];
    return [
      {
        receivedAt: `${received}T${minute(random, 8, 12)}`,
        ...(closed <= until ? { closedAt: `${closed}T${minute(random, 13, 17)}` } : {}),
        regionCode: order.distributor.province.code,
        distributorCode: order.distributor.row.code,
        productCode: row.code,
        defect: random.weighted(defects, shares),
        severity,
        channel: random.pick(['telephone', 'visit', 'mail'] as const),
        source: '旧投诉登记簿',
      },
    ];
  });
  return found
    .toSorted((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1))
    .map((row, i) => ({ number: `TS-${row.receivedAt.slice(0, 4)}-${String(i + 1).padStart(5, '0')}`, ...row }));
}

const minute = (random: Random, from: number, to: number) =>
  `${String(random.int(from, to - 1)).padStart(2, '0')}:${String(random.int(0, 59)).padStart(2, '0')}`;
