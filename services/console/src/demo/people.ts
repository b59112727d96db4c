import type { CalendarDate } from '@fenxiao/domain/calendar-date';
import { label } from '@fenxiao/domain/dictionary';
import { v7 } from 'uuid';
import { plusDays } from './season.js';
import { areas, provinces } from './regions.js';
import type { Random } from './random.js';
import type { Row } from './rows.js';

type RoleName = Row<'positions'>['roles'][number];
type Person = Row<'people'>;

/** One who can log in; identity reads the list (infra/embedded, `DemonstrationAccounts`). */
export interface Account {
  readonly login: string;
  readonly name: string;
  readonly role: RoleName;
  readonly sub: string;
  readonly administrator?: boolean;
}

export interface Staff {
  readonly people: readonly Person[];
  readonly positions: readonly Row<'positions'>[];
  readonly accounts: readonly Account[];
  /** staff number of the manager of an area, of the seller in a province; by code */
  readonly managerOf: ReadonlyMap<string, string>;
  readonly sellerOf: ReadonlyMap<string, string>;
  readonly headOfSales: string;
}

/** Surnames and heavenly stems, as textbooks write of persons who do not exist: 赵甲, 钱乙. */
const surnames =
  '赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳鲍史唐费廉岑薛雷';
const stems = '甲乙丙丁戊己庚辛壬癸';

interface Post {
  readonly roles: readonly RoleName[];
  readonly unit: string;
  readonly kind?: Person['kind'];
  readonly category?: Person['category'];
  readonly employment?: Person['employment'];
  readonly region?: string;
}

const manager = { category: 'manager' } as const;
const support = { kind: 'support' } as const;
const post = (unit: string, roles: readonly RoleName[], more: Omit<Post, 'roles' | 'unit'> = {}): Post => ({
  unit,
  roles,
  ...more,
});

/** The one who holds a role first has its account. Home of the maker is Chongqing: its area and province come first. */
const posts: readonly Post[] = [
  post('总经办', ['general-manager'], { ...manager, ...support }),
  post('总经办', ['branch-general-manager'], { ...manager, ...support }),
  post('销售部', ['sales-general-manager'], manager),
  post('销售部', ['deputy-general-manager-sales'], manager),
  post('销售部', ['sales-manager'], manager),
  post('销售部', ['sales-administrator'], support),
  post('销售部', ['sales-support-clerk'], support),
  post('销售部', ['order-clerk'], support),
  post('销售部', ['order-clerk'], support),
  post('仓储部', ['finished-goods-keeper'], support),
  post('仓储部', ['finished-goods-keeper'], support),
  post('仓储部', ['sample-keeper'], support),
  post('财务部', ['finance'], support),
  post('财务部', ['finance'], support),
  post('技术部', ['technical-department'], support),
  post('生产部', ['production-department'], support),
  post('仓储部', ['head-of-department'], { ...manager, ...support }),
  post('技术部', ['technical-department', 'head-of-department'], { ...manager, ...support }),
  post('生产部', ['production-department', 'head-of-department'], { ...manager, ...support }),
  post('办公室', ['office'], support),
  post('行政部', ['administration'], support),
  post('人力资源部', ['human-resources'], support),
  post('质检部', ['quality-control'], support),
  post('审计部', ['auditor'], support),
  post('信息部', ['system-administrator'], support),
  post('信息部', ['importer'], support),
  post('市场营销科', ['marketing-section'], { kind: 'operations' }),
  post('市场营销科', ['market-researcher'], { kind: 'research' }),
  post('市场营销科', ['market-researcher'], { kind: 'research' }),
  post('市场营销科', ['public-relations'], { kind: 'public-relations' }),
  post('市场营销科', ['trainer'], support),
  post('专卖店', ['operations'], { kind: 'operations', region: 'CN-CQ' }),
  post('销售部', ['probationer'], { employment: 'probation', region: 'CN-CQ' }),
  post('经销商', ['distributor'], { region: 'CN-CQ' }),
  ...homeFirst(areas, 'SOUTHWEST').map(({ code }) =>
    post('销售部', ['regional-manager'], { ...manager, region: code }),
  ),
  ...homeFirst(provinces, 'CN-CQ').map(({ code }) => post('销售部', ['salesperson'], { region: code })),
];

/** @param start first day of the history: who sells was there by then. @param until last day of the demonstration */
export function makeStaff(random: Random, start: CalendarDate, until: CalendarDate): Staff {
  const accountHolders = new Set<RoleName>();
  const people: Person[] = [];
  const positions: Row<'positions'>[] = [];
  const accounts: Account[] = [];
  posts.forEach(({ roles, unit, region, ...rest }, i) => {
    const staffNumber = `E${String(i + 1).padStart(3, '0')}`;
    const name = `${surnames[i]}${stems[i % stems.length]}`;
    const joinedOn =
      rest.employment === 'probation' ? plusDays(until, -random.int(30, 60)) : plusDays(start, -random.int(60, 3000));
    const sub = v7({ random: random.bytes(16), msecs: Date.parse(start) + i, seq: i });
    const role = roles.length === 1 && !accountHolders.has(roles[0]!) ? roles[0] : undefined;
    if (role) {
      accountHolders.add(role);
      const administrator = role === 'system-administrator' ? { administrator: true } : {};
      accounts.push({ login: role, name: `${name}（演示${label(role).zh}）`, role, sub, ...administrator });
    }
    people.push({ staffNumber, name, ...(role ? { subject: sub } : {}), ...rest, joinedOn });
    positions.push({
      staffNumber,
      roles: [...roles],
      unit,
      ...(region ? { regionCode: region } : {}),
      validFrom: joinedOn,
    });
  });
  const holders = (role: RoleName) => positions.filter(({ roles }) => roles.includes(role));
  const byRegion = (role: RoleName) => new Map(holders(role).map((held) => [held.regionCode!, held.staffNumber]));
  return {
    people,
    positions,
    accounts,
    managerOf: byRegion('regional-manager'),
    sellerOf: byRegion('salesperson'),
    headOfSales: holders('sales-manager')[0]!.staffNumber,
  };
}

function homeFirst<T extends { readonly code: string }>(all: readonly T[], home: string): T[] {
  return [...all.filter(({ code }) => code === home), ...all.filter(({ code }) => code !== home)];
}
