/** Puts the definitions into Grafana's classic JSON (schemaVersion 42) with Grafana's own SDK. Needed at build time only. */
import type { Language } from '@fenxiao/domain/dictionary';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { afterSalesClock } from './after-sales.js';
import type { Dashboard } from './catalogue.js';
import { complaintsAndQuality } from './complaints.js';
import { creditAndCollection } from './credit.js';
import type { Definition, Make } from './definition.js';
import { loadTests } from './load-tests.js';
import { marketShare } from './market.js';
import { ordersAndStock } from './orders-stock.js';
import type { Power } from './panels.js';
import { priceExceptions } from './prices.js';
import { productionAndTrials } from './production.js';
import { salesOverview } from './sales.js';
import { satisfaction } from './satisfaction.js';
import { datasourceVariable } from './variables.js';
import { term, translate } from './words.js';

export const defaultTimeZone = 'Asia/Shanghai';

/** `viewer`: everything, with the power that a panel or variable needs. `grafana`: without what needs one. */
export type Audience = 'viewer' | 'grafana';

export function build(language: Language, audience: Audience): Dashboard[] {
  const make: Make = {
    language,
    t: translate(language),
    term: term(language),
    scope: { timeZone: defaultTimeZone, viewer: audience === 'viewer' },
  };
  return [
    salesOverview,
    marketShare,
    ordersAndStock,
    priceExceptions,
    creditAndCollection,
    productionAndTrials,
    complaintsAndQuality,
    afterSalesClock,
    satisfaction,
    loadTests,
  ].map((define) => assemble(define(make), make));
}

function assemble(definition: Definition, { t, scope }: Make): Dashboard {
  const allowed = ({ power }: { power?: Power }): boolean => scope.viewer || power === undefined;
  // oxlint-disable-next-line typescript/no-deprecated -- the classic schema is what provisioning reads and Grafana migrates
  const builder = new DashboardBuilder(definition.title)
    .uid(definition.uid)
    .description(definition.description)
    .tags(definition.tags)
    .readonly()
    .timezone(scope.timeZone)
    .weekStart('monday')
    .tooltip(DashboardCursorSync.Crosshair)
    .time(definition.time)
    .refresh('10s');
  for (const { title, url } of definition.links)
    builder.link(
      new DashboardLinkBuilder(title)
        .type(DashboardLinkType.Link)
        .url(url)
        .tooltip(title)
        .keepTime(true)
        .includeVars(true),
    );
  const made = builder.build();
  const list = [
    { ...datasourceVariable(t('datasource')).build() },
    ...definition.variables.filter(allowed).map(({ builder: one, power }) => withPower(one.build(), power)),
  ];
  const panels = layOut(definition, allowed);
  return strip({ ...made, templating: { list }, panels });
}

/** Places rows one below the other and gives ids; where a panel is left out, the others share its width. */
function layOut({ rows }: Definition, allowed: (one: { power?: Power }) => boolean): object[] {
  let y = 0;
  let id = 0;
  return rows.flatMap(({ height, panels }) => {
    const shown = panels.filter(allowed);
    const sum = shown.reduce((total, { width }) => total + width, 0);
    let [x, taken] = [0, 0];
    const placed = shown.map(({ panel, width, power }) => {
      taken += width;
      const end = Math.round((taken / sum) * 24);
      const gridPos = { x, y, w: end - x, h: height };
      x = end;
      return withPower({ ...panel, id: ++id, gridPos }, power);
    });
    y += height;
    return placed;
  });
}

const withPower = <T extends object>(thing: T, power: Power | undefined): T =>
  power === undefined ? thing : { ...thing, fenxiao: { power } };

/** The SDK writes placements that Grafana takes for another menu, fields of other kinds of variables, and `id: null`. */
function strip(made: object): Dashboard {
  const dashboard = structuredClone(made) as unknown as Dashboard & Record<string, unknown>;
  for (const link of dashboard.links as Record<string, unknown>[]) delete link['placement'];
  for (const variable of dashboard.templating.list as unknown as Record<string, unknown>[])
    for (const field of ['auto', 'auto_min', 'auto_count', 'skipUrlSync']) delete variable[field];
  for (const panel of dashboard.panels as unknown as Record<string, unknown>[])
    for (const field of ['repeatDirection', 'transparent']) delete panel[field];
  delete dashboard['id'];
  return dashboard;
}
