/** What all panels have in common, on top of Grafana's SDK: words, units, colours, what stands behind a figure, layout. */
import { PanelBuilder as BarChart } from '@grafana/grafana-foundation-sdk/barchart';
import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  BarGaugeDisplayMode,
  BarGaugeNamePlacement,
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DynamicConfigValue,
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  type Panel,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  PanelBuilder as PieChart,
  PieChartLegendOptionsBuilder,
  PieChartLegendValues,
  PieChartType,
} from '@grafana/grafana-foundation-sdk/piechart';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import { ClickHouseQuery, datasource } from './clickhouse.js';
import { definitionVersions, type Kpi } from './definitions.js';
import type { PanelName } from './panel-words.js';
import { panelWords } from './panel-words.js';
import type { Translate, Word } from './words.js';
import type { Language } from '@fenxiao/domain/dictionary';

/** Who is not everybody: a panel or variable with a power is left out of Grafana and, in the viewer, shown to its holders. */
export type Power = 'customers' | 'people';

/** Builder methods that the six types share. */
interface Shared {
  title(text: string): this;
  description(text: string): this;
  datasource(ref: typeof datasource): this;
  withTarget(target: Builder<Dataquery>): this;
  unit(unit: string): this;
  decimals(decimals: number): this;
  noValue(text: string): this;
  colorScheme(colour: Builder<{ mode: FieldColorModeId; fixedColor?: string }>): this;
  mappings(mappings: ValueMapping[]): this;
  overrideByName(name: string, properties: DynamicConfigValue[]): this;
  interval(interval: string): this;
  maxDataPoints(points: number): this;
  build(): Panel;
}

/** Grafana's units, each known to `@grafana/data` (a test prints a value with every one), and the decimals we show. */
export type Unit =
  | 'money'
  | 'exactMoney'
  | 'count'
  | 'percent'
  | 'points'
  | 'times'
  | 'seconds'
  | 'minutes'
  | 'hours'
  | 'milliseconds'
  | 'perSecond'
  | 'age'
  | 'days'
  | 'time'
  | 'month'
  | 'text';

/** Stands for the sign of the installation's currency: `catalogue` puts another one in. */
export const currencySign = '¥';

const units = (t: Translate): Record<Unit, [unit: string, decimals?: number]> => ({
  money: [`currency:financial:${currencySign}`, 0],
  exactMoney: [`currency:financial:${currencySign}`, 2],
  count: ['locale', 0],
  percent: ['percent', 1],
  points: [`suffix:${t('unit.points')}`, 2],
  times: [`suffix:${t('unit.times')}`, 2],
  seconds: [`suffix:${t('unit.seconds')}`, 1],
  minutes: [`suffix:${t('unit.minutes')}`, 0],
  hours: [`suffix:${t('unit.hours')}`, 1],
  milliseconds: [`suffix:${t('unit.milliseconds')}`, 0],
  perSecond: [`suffix:${t('unit.perSecond')}`, 1],
  age: ['dtdhms', 0],
  days: [`suffix:${t('unit.days')}`, 0],
  time: ['time:YYYY-MM-DD HH:mm:ss'],
  month: ['time:YYYY-MM'],
  text: ['string'],
});

export interface Column {
  unit: Unit;
  /** a fixed colour; otherwise by the palette */
  colour?: string;
  /** more of Grafana's field configuration, by property */
  more?: Record<string, unknown>;
}

export interface Content {
  name: PanelName;
  /** what it computes, by the catalogue; nothing of the business: none */
  kpis: Kpi[];
  sql: string;
  /** columns of the query in order of importance; what is not named is not shown with a unit */
  columns: Partial<Record<Word, Unit | Column>>;
  /** texts for values of text columns: `{ state: { 'on-hold': 'On hold' } }` */
  values?: Partial<Record<Word, Record<string, string>>>;
  /** where a click on a row leads */
  link?: { title: string; url: string };
}

export interface Maker {
  language: Language;
  t: Translate;
}

/** The count behind a row: told in tooltips, tables and the viewer's foot, not drawn. */
const hidden = { viz: true, legend: true, tooltip: false };

function dress<P extends Shared>(panel: P, { t, language }: Maker, content: Content, shape: 'table' | 'timeseries'): P {
  const { title, about } = panelWords[content.name];
  const kpis = content.kpis.map((code) => `${code} (${t('version')} ${definitionVersions[code]})`).join(', ');
  const known = units(t);
  const columns = Object.entries(content.columns) as [Word, Unit | Column][];
  const [first] = columns
    .map(([, column]) => (typeof column === 'string' ? column : column.unit))
    .filter((unit) => !/^(text|time|month)$/.test(unit));
  panel
    .title(title[language])
    .description(kpis ? `${about[language]}\n${t('definition')}: ${kpis}` : about[language])
    .datasource(datasource)
    .withTarget(new ClickHouseQuery(shape, content.sql))
    .unit(known[first ?? 'count'][0])
    .decimals(known[first ?? 'count'][1] ?? 0)
    .noValue(t('notAvailable'))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
    .interval('1m')
    .maxDataPoints(400);
  for (const [name, column] of columns) {
    const { unit, colour, more = {} } = typeof column === 'string' ? ({ unit: column } as Column) : column;
    const [id, decimals] = known[unit];
    const texts = content.values?.[name];
    panel.overrideByName(name, [
      ...(more['displayName'] === undefined ? [{ id: 'displayName', value: t(name) }] : []),
      { id: 'unit', value: id },
      ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
      ...(colour === undefined ? [] : [{ id: 'color', value: { mode: 'fixed', fixedColor: colour } }]),
      ...(texts ? [{ id: 'mappings', value: [mapping(texts)] }] : []),
      ...(name === 'n' ? [{ id: 'custom.hideFrom', value: hidden }] : []),
      ...(content.link && unit !== 'time' && unit !== 'month' ? [{ id: 'links', value: [content.link] }] : []),
      ...Object.entries(more).map(([property, value]) => ({ id: property, value })),
    ]);
  }
  return panel;
}

export const mapping = (texts: Record<string, string>): ValueMapping => ({
  type: MappingType.ValueToText,
  options: Object.fromEntries(Object.entries(texts).map(([value, text], index) => [value, { text, index }])),
});

/** Losses and gains, told by their sign as well. */
export const signedColumn = (unit: Unit): Column => ({
  unit,
  more: {
    thresholds: {
      mode: 'absolute',
      steps: [
        { value: null, color: 'red' },
        { value: 0, color: 'green' },
      ],
    },
    color: { mode: 'thresholds' },
  },
});

const lastRow = () => new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false);
const legend = () =>
  new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
    .calcs([]);
const tooltip = () => new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.None);

/** One row of figures: the first large, the others beside it. */
export function stat(make: Maker, content: Content): Panel {
  return dress(new Stat(), make, content, 'table')
    .reduceOptions(lastRow().fields(`/^(?!(n|${make.t('n')})$).+/`))
    .colorMode(BigValueColorMode.None)
    .graphMode(BigValueGraphMode.None)
    .wideLayout(false)
    .build();
}

/**
 * Lines over time, or bars where a column says so (`custom.drawStyle`). Text columns name the series.
 * @param dashed how the names end of series that are drawn dashed
 */
export function timeSeries(make: Maker, content: Content, { dashed }: { dashed?: string } = {}): Panel {
  const panel = dress(new TimeSeries(), make, content, 'timeseries');
  if (dashed !== undefined)
    panel.overrideByRegexp(`/${dashed}$/`, [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } }]);
  return panel
    .drawStyle(GraphDrawStyle.Line)
    .lineWidth(2)
    .fillOpacity(0)
    .showPoints(VisibilityMode.Always)
    .spanNulls(false)
    .legend(legend())
    .tooltip(tooltip())
    .build();
}

/** Bars by the first text column, lying: names stay readable. */
export function barChart(make: Maker, content: Content): Panel {
  return dress(new BarChart(), make, content, 'table')
    .orientation(VizOrientation.Horizontal)
    .barWidth(0.8)
    .groupWidth(0.8)
    .barRadius(0.1)
    .showValue(VisibilityMode.Auto)
    .legend(legend())
    .tooltip(tooltip())
    .build();
}

/** One bar a row of the query, named by its text column. */
export function barGauge(make: Maker, content: Content, category: Word, value: Word): Panel {
  const one = content.columns[value];
  const column: Column = typeof one === 'string' ? { unit: one } : one!;
  const named = { ...column, more: { ...column.more, displayName: `\${__data.fields.${category}}` } };
  return dress(new BarGauge(), make, { ...content, columns: { ...content.columns, [value]: named } }, 'table')
    .reduceOptions(
      new ReduceDataOptionsBuilder()
        .calcs(['lastNotNull'])
        .values(true)
        .limit(25)
        .fields(`/^\\$\\{__data.fields.${category}\\}$/`),
    )
    .min(0)
    .fieldMinMax(true)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .namePlacement(BarGaugeNamePlacement.Left)
    .showUnfilled(true)
    .build();
}

/** Parts of a whole: one slice a row. */
export function pieChart(make: Maker, content: Content, category: Word, value: Word): Panel {
  const one = content.columns[value];
  const column: Column = typeof one === 'string' ? { unit: one } : one!;
  const named = { ...column, more: { ...column.more, displayName: `\${__data.fields.${category}}` } };
  return dress(new PieChart(), make, { ...content, columns: { ...content.columns, [value]: named } }, 'table')
    .reduceOptions(
      new ReduceDataOptionsBuilder()
        .calcs(['lastNotNull'])
        .values(true)
        .limit(25)
        .fields(`/^\\$\\{__data.fields.${category}\\}$/`),
    )
    .pieType(PieChartType.Donut)
    .displayLabels([])
    .legend(
      new PieChartLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Right)
        .showLegend(true)
        .values([PieChartLegendValues.Percent, PieChartLegendValues.Value])
        .calcs([]),
    )
    .tooltip(tooltip())
    .build();
}

export function table(make: Maker, content: Content): Panel {
  return dress(new Table(), make, content, 'table').build();
}
