import type { Powers } from '@fenxiao/procedures/procedure';
import { reachOf, type Actor } from '@fenxiao/service-kit/actor';
import type { Power } from '@fenxiao/dashboards/catalogue';

/** X-20: who sees what of the figures. A reach of `region` means the position's region and all that lies in it. */

const companyWide: Powers = {
  'general-manager': 'all',
  'sales-general-manager': 'all',
  'deputy-general-manager-sales': 'all',
  'branch-general-manager': 'all',
  'sales-manager': 'all',
  'marketing-section': 'all',
  'sales-administrator': 'all',
  finance: 'all',
  auditor: 'all',
};
/** sums and counts */
export const figures: Powers = { ...companyWide, 'regional-manager': 'region' };
/** market research alone */
export const market: Powers = { ...figures, 'market-researcher': 'all' };
/** rows about single customers, single people */
const rowsAbout: Record<Power, Powers> = {
  customers: {
    'general-manager': 'all',
    'sales-general-manager': 'all',
    'deputy-general-manager-sales': 'all',
    'sales-manager': 'all',
    finance: 'all',
    'regional-manager': 'region',
  },
  people: {
    'general-manager': 'all',
    'sales-general-manager': 'all',
    'deputy-general-manager-sales': 'all',
    'sales-manager': 'all',
    'human-resources': 'all',
    'regional-manager': 'region',
  },
};
/** how the store and the sink are doing; an import waits until what it brought is there */
export const operations: Powers = { ...companyWide, 'system-administrator': 'all', importer: 'all' };

/** Dashboards with figures about the market only; all others need `figures`. */
const marketDashboards = new Set(['fenxiao-market']);

/** Dashboards about the installation, not the business. */
const operationsDashboards = new Set(['fenxiao-loadtests']);

export function powersFor(dashboard: string): Powers {
  if (operationsDashboards.has(dashboard)) return operations;
  return marketDashboards.has(dashboard) ? market : figures;
}

export const may = (actor: Actor, power: Power): boolean => reachOf(actor, { by: rowsAbout[power] }) !== undefined;

/**
 * How far a query may look: all, or some regions; undefined: not at all. What shows rows about customers looks no farther
 * than the power over customers reaches, though the person sees sums of everywhere.
 */
export function reachFor(actor: Actor, dashboard: string, power?: Power): 'all' | readonly string[] | undefined {
  const figuresReach = reach(actor, powersFor(dashboard));
  if (power === undefined || figuresReach === undefined) return figuresReach;
  const rowsReach = reach(actor, rowsAbout[power]);
  if (rowsReach === undefined || rowsReach === 'all') return rowsReach === undefined ? undefined : figuresReach;
  return figuresReach === 'all' ? rowsReach : rowsReach.filter((region) => figuresReach.includes(region));
}

function reach(actor: Actor, powers: Powers): 'all' | readonly string[] | undefined {
  const found = reachOf(actor, { by: powers });
  if (!found) return undefined;
  return found.all ? 'all' : [...new Set(found.regions)].toSorted();
}

/** Whether market figures are all that the person may see there. */
export const marketOnly = (actor: Actor): boolean => reachOf(actor, { by: figures }) === undefined;

/** Tables and views whose rows belong to a region. What a view reads from one of them is bound with it. */
const byRegion = [
  'sales_facts',
  'sales_by_day',
  'order_facts',
  'invoice_facts',
  'receivable_entries',
  'shipment_facts',
  'subject_facts',
  'complaint_facts',
  'position_facts',
  'survey_facts',
  'moves',
  'moves_by_day',
  'market_observation_facts',
  'distributors',
  'price_exceptions',
  'exception_lines',
  'region_tree',
];
/** What belongs to no region. `entity_facts` is open since views read it; no panel may name it. */
const ofNoRegion = [
  'entity_facts',
  'products',
  'regions',
  'people',
  'competitors',
  'freshness',
  'topic_freshness',
  'dead_letters',
  'dead_letter_counts',
  'reconciliation',
  'reconciled',
  'load_results',
];
/** Views over tables that are bound. */
const boundBelow = [
  'sales',
  'sales_totals',
  'sales_by_product',
  'orders',
  'orders_by_day',
  'invoices',
  'receivables',
  'receivables_by_month',
  'shipments',
  'stock_items',
  'subjects',
  'complaints',
  'complaints_by_month',
  'after_sales_by_month',
  'credit_positions',
  'credit_positions_by_month',
  'stock_positions',
  'stock_positions_by_day',
  'surveys',
  'surveys_by_month',
  'complaint_spikes',
  'overdue_complaints',
  'subjects_by_month',
  'moves_log',
  'market_observations',
  'market_shares',
];
/** The messages themselves, and what only passes through. */
const closed = ['raw_events', 'migration', 'replayed', 'ingest', 'records', 'events'];

export const boundTables = { byRegion, ofNoRegion, boundBelow, closed };

/** Goods and ideas lie in no region: every position that reads figures may read them. */
const inNoRegion = (...kinds: string[]) =>
  `(region_id = toUUIDOrZero('') AND kind IN (${kinds.map((kind) => `'${kind}'`).join(', ')}))`;
const ofEverybody: Readonly<Record<string, string>> = {
  subject_facts: inNoRegion('stock', 'batch', 'inspection', 'idea', 'price-cut'),
  position_facts: inNoRegion('stock', 'issued'),
};

/** What somebody sees who may see market figures only. */
const marketTables = ['market_observation_facts', 'region_tree'];

/**
 * `additional_table_filters` for a query: the server's, whatever the SQL says. A table nobody has thought of is not
 * protected by it: a test compares the lists with the store.
 */
export function boundTo(reachOfActor: 'all' | readonly string[], onlyMarket: boolean): Record<string, string> {
  const none = '0';
  const regions =
    reachOfActor === 'all'
      ? undefined
      : reachOfActor.length === 0
        ? none
        : `region_id IN (${reachOfActor.map(uuid).join(', ')})`;
  const filters: [string, string][] = closed.map((table) => [table, none]);
  for (const table of byRegion) {
    if (onlyMarket && !marketTables.includes(table)) filters.push([table, none]);
    else if (regions === undefined) continue;
    else {
      const besides = regions === none ? undefined : ofEverybody[table];
      filters.push([table, besides ? `${regions} OR ${besides}` : regions]);
    }
  }
  return Object.fromEntries(filters.map(([table, filter]) => [`fenxiao.${table}`, filter]));
}

function uuid(text: string): string {
  if (!/^[0-9a-f-]{36}$/i.test(text)) throw new Error(`not a region id: ${text}`);
  return `'${text}'`;
}
