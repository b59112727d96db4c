import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { formattedValueToString, getValueFormat } from '@grafana/data';
import { build } from './build.js';
import { choices, type Dashboard, dashboards } from './catalogue.js';
import { definitionVersions } from './definitions.js';

const languages = ['zh', 'en'] as const;
const all = languages.flatMap((language) =>
  (['viewer', 'grafana'] as const).flatMap((audience) =>
    build(language, audience).map((dashboard) => ({ uid: dashboard.uid, language, audience, dashboard })),
  ),
);
const units = (dashboard: Dashboard): string[] =>
  dashboard.panels.flatMap(({ fieldConfig: { defaults, overrides } }) => [
    String(defaults['unit']),
    ...overrides.flatMap(({ properties }) =>
      properties.filter(({ id }) => id === 'unit').map(({ value }) => String(value)),
    ),
  ]);

describe.each(all)('$uid for $audience in $language', ({ dashboard, audience }) => {
  it('keeps the rules of the linter', () => {
    expect(dashboard).toMatchObject({ schemaVersion: 42, editable: false, timezone: 'Asia/Shanghai', refresh: '10s' });
    expect(dashboard.uid).toMatch(/^fenxiao-[a-z]+$/);
    expect(dashboard.title && dashboard.description && dashboard.tags.length && dashboard.links.length).toBeTruthy();
    expect(dashboard.templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource' });
    expect(dashboard.panels.length).toBeGreaterThanOrEqual(audience === 'viewer' ? 8 : 2);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const panel of dashboard.panels) {
      expect(panel).toMatchObject({
        title: expect.any(String),
        datasource: { uid: '${datasource}' },
        interval: expect.any(String),
        maxDataPoints: expect.any(Number),
      });
      expect(panel.fieldConfig.defaults).toMatchObject({
        unit: expect.any(String),
        color: { mode: expect.any(String) },
        noValue: expect.any(String),
      });
      expect(panel.targets.length).toBeGreaterThan(0);
      for (const { datasource, rawSql, refId } of panel.targets) {
        expect(datasource.uid).toBe('${datasource}');
        expect(rawSql && refId).toBeTruthy();
      }
    }
  });

  it('names the KPIs of every panel with the version of their definitions', () => {
    for (const { description } of dashboard.panels) {
      const named = [...description.matchAll(/([KOC]-[A-Z]?\d\d) \((?:定义版本|definition version) (\d+)\)/g)];
      // load tests measure the installation, about which the catalogue has no KPI
      expect(named.length > 0).toBe(dashboard.uid !== 'fenxiao-loadtests');
      for (const [, code, version] of named) expect(definitionVersions).toHaveProperty(code!, Number(version));
    }
  });

  it('fills the grid without gaps or overlaps', () => {
    const cells = new Set(
      dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
      ),
    );
    const area = dashboard.panels.reduce((sum, { gridPos: { w, h } }) => sum + w * h, 0);
    const height = Math.max(...dashboard.panels.map(({ gridPos: { y, h } }) => y + h));
    expect([cells.size, area]).toEqual([24 * height, 24 * height]);
  });

  it('uses only units that Grafana knows', () => {
    for (const unit of units(dashboard)) {
      // An unknown unit is printed after the number as it stands.
      const text = formattedValueToString(getValueFormat(unit)(1234567.891, 1, undefined, 'Asia/Shanghai'));
      expect({ unit, text }).not.toEqual({ unit, text: expect.stringContaining(unit) });
    }
  });

  it('puts no value into SQL without quotes, and lets All stand only where it is understood', () => {
    const queries = [
      ...dashboard.panels.flatMap(({ targets }) => targets),
      ...dashboard.templating.list.flatMap(({ query }) => (typeof query === 'object' ? [query] : [])),
    ];
    for (const { rawSql } of queries) {
      const outside = rawSql.replace(/,\s*\$\w+\)/g, ')').replace(/\$\{\w+:singlequote\}/g, '');
      expect(outside.match(/\$(?!__(fromTime|toTime|conditionalAll)\b)\S{0,20}/g)).toBeNull();
      expect(rawSql).not.toMatch(/--|\/\*/);
    }
    for (const { name, includeAll } of dashboard.templating.list) {
      if (!includeAll) continue;
      for (const { rawSql } of queries)
        for (const { index } of rawSql.matchAll(new RegExp(`\\$\\{${name}:`, 'g')))
          expect(rawSql.lastIndexOf('$__conditionalAll(', index)).toBeGreaterThanOrEqual(0);
    }
  });

  it('has none of the quirks of the SDK', () => {
    const text = JSON.stringify(dashboard);
    expect(text).not.toMatch(/placement":"inControlsMenu|currencyCNY|"id":null|auto_min/);
    if (audience === 'grafana')
      expect(text).not.toMatch(/"fenxiao":|salesperson|distributor_code|price_exceptions|FROM orders\b/);
  });
});

describe('the catalogue', () => {
  it('is the same in both languages but for words', () => {
    const shape = (dashboard: Dashboard) => dashboard.panels.map(({ id, type, gridPos }) => ({ id, type, gridPos }));
    expect(dashboards('zh').map(shape)).toEqual(dashboards('en').map(shape));
    for (const dashboard of dashboards('en'))
      expect(JSON.stringify(dashboard.panels.map(({ title, description }) => [title, description]))).not.toMatch(
        /\p{Script=Han}/u,
      );
  });

  it('takes the time zone and the currency of the installation', () => {
    const [sales] = dashboards('en', { timeZone: 'Europe/Berlin', currency: 'EUR' });
    expect(sales).toMatchObject({ timezone: 'Europe/Berlin' });
    expect(JSON.stringify(sales)).not.toMatch(/Shanghai|¥/);
    expect(units(sales!)).toContain('currency:financial:€');
  });

  it('marks what needs a power, and gives All for what a person may not choose', () => {
    const [sales] = dashboards('en') as [Dashboard];
    expect(sales.panels.filter(({ fenxiao }) => fenxiao?.power === 'customers').map(({ title }) => title)).toEqual([
      'Top distributors',
    ]);
    const given = { salesperson: ['x'], basis: 'order', region: ['a'], other: 'b' };
    expect(choices(sales, given, () => false)).toEqual({
      basis: { value: 'order' },
      region: { value: ['a'] },
      family: { value: ['$__all'] },
      salesperson: { value: '$__all' },
    });
    expect(choices(sales, given, () => true)).toMatchObject({ salesperson: { value: ['x'] } });
  });

  it('is what is checked in for Grafana', () => {
    for (const language of languages) {
      const folder = fileURLToPath(new URL(`../provisioning/${language}/`, import.meta.url));
      const made = build(language, 'grafana');
      expect(readdirSync(folder).sort()).toEqual(made.map(({ uid }) => `${uid}.json`).sort());
      for (const dashboard of made)
        expect(JSON.parse(readFileSync(`${folder}${dashboard.uid}.json`, 'utf8'))).toEqual(
          JSON.parse(JSON.stringify(dashboard)),
        );
    }
  });
});
