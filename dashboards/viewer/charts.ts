/** The options of ECharts for the types that it draws: time series, bar chart and pie. */
import { type DataFrame, type Field, FieldType, formattedValueToString, getFieldSeriesColor } from '@grafana/data';
import type { EChartsCoreOption } from 'echarts/core';
import { customOf, drawn, nameOf, plain } from './frames.js';
import type { Panel } from './model.js';
import type { Look } from './theme.js';
import { pointText } from './time.js';
import type { Language } from './words.js';

export interface Series {
  name: string;
  colour: string;
  dashed: boolean;
  bars: boolean;
  field: Field;
  frame: DataFrame;
}

export interface Drawing {
  option: EChartsCoreOption;
  series: Series[];
}

export interface Setting {
  panel: Panel;
  frames: DataFrame[];
  look: Look;
  language: Language;
  timeZone: string;
  /** pixels */
  width: number;
}

export const print = (field: Field, value: unknown): string =>
  field.display ? formattedValueToString(field.display(value)) : plain(value);

export function seriesOf({ panel, frames, look }: Setting): Series[] {
  // A dashed series goes on where a solid one of the same name stops: `Acme · low confidence` has the colour of `Acme`.
  const places: string[] = [];
  return frames.flatMap((frame) =>
    drawn(frame).map((field) => {
      const name = nameOf(field, frame, frames);
      const dashed = customOf(field).lineStyle?.fill === 'dash';
      const base = dashed ? name.split(' · ')[0]! : name;
      if (!places.includes(base)) places.push(base);
      return {
        field,
        frame,
        name,
        dashed,
        colour: colourOf(field, places.indexOf(base), look),
        bars: panel.type === 'barchart' || customOf(field).drawStyle === 'bars',
      };
    }),
  );
}

/** By place among what is drawn, so that hidden columns use up no colour. */
function colourOf(field: Field, place: number, { theme }: Look): string {
  const mode = field.config.color?.mode;
  if (mode === 'palette-classic') return theme.visualization.palette[place % theme.visualization.palette.length]!;
  return theme.visualization.getColorByName(getFieldSeriesColor(field, theme).color);
}

/** One entry a colour; of dashed lines one that says what dashes mean. */
export function legendOf(series: Series[]): { name: string; colour: string; dashed: boolean }[] {
  const entries = new Map<string, { name: string; colour: string; dashed: boolean }>();
  for (const { name, colour, dashed } of series) {
    const [base, ending] = name.split(' · ') as [string, string?];
    if (!entries.has(base)) entries.set(base, { name: base, colour, dashed: false });
    if (dashed && ending) entries.set(` ${ending}`, { name: ending, colour: 'currentcolor', dashed });
  }
  return [...entries.values()].sort((a, b) => Number(a.dashed) - Number(b.dashed));
}

const compact = new Map<Language, Intl.NumberFormat>();

/** Marks of an axis are short, in the reader's own way: `¥120万`, `¥1.2M`. */
export function axisText(field: Field | undefined, value: number, language: Language): string {
  const unit = field?.config.unit ?? '';
  const short =
    compact.get(language) ??
    new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en', { notation: 'compact', maximumFractionDigits: 1 });
  compact.set(language, short);
  if (unit.startsWith('currency'))
    return `${value < 0 ? '−' : ''}${unit.split(':').at(-1)}${short.format(Math.abs(value))}`;
  if (unit === 'percent') return `${short.format(value)}%`;
  return short.format(value);
}

export function timeSeries(setting: Setting): Drawing {
  const { frames, language, timeZone, look } = setting;
  const series = seriesOf(setting);
  const time = frames[0]?.fields.find(({ type }) => type === FieldType.time);
  const times = (time?.values ?? []) as number[];
  const step = Math.min(...times.slice(1).map((at, i) => at - times[i]!), Infinity);
  const label = (at: number): string =>
    pointText(at, Number.isFinite(step) ? step : 86_400_000 * 31, language, timeZone);
  const asBars = series.some(({ bars }) => bars);
  return {
    series,
    option: {
      ...ground(setting),
      grid: grid({ top: 12 }),
      tooltip: tooltip(setting, series, (index) => label(times[index]!)),
      xAxis: {
        type: 'category',
        data: times.map(String),
        boundaryGap: asBars,
        axisLabel: { ...axisLabel(look), hideOverlap: true, formatter: (text: string) => label(Number(text)) },
        axisLine: { lineStyle: { color: look.line } },
        axisTick: { show: false },
        axisPointer: { show: true, type: asBars ? 'shadow' : 'line', ...pointer(look) },
      },
      yAxis: valueAxis(setting, series[0]?.field),
      series: series.map((one) => drawSeries(one, setting)),
    },
  };
}

function drawSeries({ field, name, colour, bars, dashed }: Series, { panel }: Setting) {
  const { lineWidth = 2, fillOpacity = 0, stacking, spanNulls } = customOf(field);
  const stacked = panel.type === 'barchart' ? panel.options.stacking === 'normal' : stacking?.mode === 'normal';
  const shared = { name, data: field.values, ...(stacked ? { stack: 'all' } : {}) };
  if (bars)
    return {
      ...shared,
      type: 'bar',
      barMaxWidth: 28,
      barGap: '12%',
      itemStyle: { color: colour, borderRadius: stacked ? 0 : 3, ...(fillOpacity < 60 ? { opacity: 0.45 } : {}) },
      emphasis: { disabled: true },
    };
  return {
    ...shared,
    type: 'line',
    symbol: 'circle',
    symbolSize: 5,
    showSymbol: field.values.length <= 36,
    connectNulls: spanNulls === true,
    lineStyle: { color: colour, width: lineWidth, type: dashed ? [5, 4] : 'solid' },
    itemStyle: { color: colour },
    ...(fillOpacity > 0 ? { areaStyle: { color: colour, opacity: fillOpacity / 100 } } : {}),
    emphasis: { disabled: true },
  };
}

export function barChart(setting: Setting): Drawing {
  const { panel, frames, look, language, width } = setting;
  const series = seriesOf(setting);
  const frame = frames[0];
  const x = frame?.fields.find(({ type }) => type === FieldType.string);
  const names = (x?.values ?? []).map((value) => print(x!, value));
  const horizontal = panel.options.orientation === 'horizontal';
  const category = {
    type: 'category',
    data: names,
    axisLabel: {
      ...axisLabel(look),
      ...(horizontal ? { width: Math.min(160, width * 0.28), overflow: 'truncate' } : {}),
    },
    axisLine: { lineStyle: { color: look.line } },
    axisTick: { show: false },
    axisPointer: { show: true, type: 'shadow', ...pointer(look) },
    ...(horizontal ? { inverse: true } : {}),
  };
  const labelled = horizontal && names.length * series.length <= 16;
  // Where every bar carries its figure, marks on the axis would only say it again.
  const value = {
    ...valueAxis(setting, series[0]?.field),
    ...(labelled ? { axisLabel: { show: false }, splitLine: { show: false } } : {}),
  };
  return {
    series,
    option: {
      ...ground(setting),
      grid: grid({ top: 8, right: labelled ? 64 : 12 }),
      tooltip: tooltip(setting, series, (index) => names[index]!),
      xAxis: horizontal ? value : category,
      yAxis: horizontal ? category : value,
      series: series.map((one) => ({
        ...drawSeries(one, setting),
        ...(labelled
          ? {
              label: {
                show: true,
                position: 'right',
                color: look.muted,
                fontFamily: look.font,
                formatter: ({ value: n }: { value: number }) => axisText(one.field, n, language),
              },
            }
          : {}),
      })),
    },
  };
}

export interface Slice {
  name: string;
  value: number;
  /** of the sum of what is drawn, percent; undefined for what no slice can show */
  share: number | undefined;
  colour: string;
  field: Field;
  frame: DataFrame;
  row: number;
}

export function slicesOf({ frames, look }: Setting): Slice[] {
  const palette = look.theme.visualization.palette;
  const slices = frames.flatMap((frame) => {
    const label = frame.fields.find(({ type }) => type === FieldType.string);
    const field = drawn(frame)[0];
    if (!label || !field) return [];
    return field.values.map((value: unknown, row: number): Slice => {
      const colour = label.display?.(label.values[row]).color ?? '';
      const mapped = (label.config.mappings?.length ?? 0) > 0 && colour;
      return {
        field,
        frame,
        row,
        value: Number(value ?? 0),
        share: undefined,
        name: print(label, label.values[row]),
        colour: mapped || palette[row % palette.length]!,
      };
    });
  });
  const sum = slices.reduce((total, { value }) => total + Math.max(0, value), 0);
  return slices.map((slice) => ({
    ...slice,
    share: sum > 0 && slice.value >= 0 ? (slice.value / sum) * 100 : undefined,
  }));
}

export function pie(setting: Setting, slices: Slice[]): EChartsCoreOption {
  const { panel, look } = setting;
  return {
    ...ground(setting),
    tooltip: {
      ...tooltipLook(look),
      trigger: 'item',
      formatter: ({ dataIndex }: { dataIndex: number }) => {
        const { name, field, value, share, colour } = slices[dataIndex]!;
        return card(name, [[colour, print(field, value), share === undefined ? '' : `${share.toFixed(1)}%`, false]]);
      },
    },
    series: [
      {
        type: 'pie',
        radius: panel.options.pieType === 'donut' ? ['58%', '92%'] : '92%',
        label: { show: false },
        labelLine: { show: false },
        itemStyle: { borderColor: look.surface, borderWidth: 2 },
        emphasis: { scale: false },
        data: slices.map(({ name, value, colour }) => ({
          name,
          value: Math.max(0, value),
          itemStyle: { color: colour },
        })),
      },
    ],
  };
}

const ground = ({ look }: Setting) => ({
  animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
  animationDuration: 350,
  animationDurationUpdate: 0,
  textStyle: { fontFamily: look.font, color: look.ink },
});

const grid = (sides: Record<string, number>) => ({
  left: 4,
  right: 12,
  top: 12,
  bottom: 4,
  ...sides,
  outerBoundsMode: 'same',
  outerBoundsContain: 'axisLabel',
});

const axisLabel = ({ muted, font }: Look) => ({ color: muted, fontFamily: font, fontSize: 12 });
const pointer = ({ dark }: Look) => ({
  label: { show: false },
  shadowStyle: { color: dark ? 'rgba(255,255,255,.05)' : 'rgba(20,40,70,.05)' },
});

const valueAxis = ({ look, language }: Setting, field: Field | undefined) => ({
  type: 'value',
  splitNumber: 4,
  ...(typeof field?.config.min === 'number' ? { min: field.config.min } : {}),
  ...(typeof field?.config.max === 'number' ? { max: field.config.max } : {}),
  axisLabel: { ...axisLabel(look), formatter: (value: number) => axisText(field, value, language) },
  splitLine: { lineStyle: { color: look.line } },
});

const tooltipLook = ({ surface, line, ink, font }: Look) => ({
  backgroundColor: surface,
  borderColor: line,
  confine: true,
  padding: [10, 12],
  textStyle: { color: ink, fontFamily: font, fontSize: 13 },
  extraCssText: 'box-shadow: 0 6px 24px rgba(10,20,40,.16); border-radius: 8px;',
});

function tooltip({ look, frames }: Setting, series: Series[], title: (index: number) => string) {
  return {
    ...tooltipLook(look),
    trigger: 'axis',
    formatter: (points: { dataIndex: number }[]) => {
      const index = points[0]?.dataIndex ?? 0;
      const rows = series
        .filter(({ field }) => field.values[index] !== null && field.values[index] !== undefined)
        .map(({ colour, name, field, dashed }): Row => [colour, name, print(field, field.values[index]), dashed]);
      const counts = frames.flatMap((frame) => frame.fields.filter(({ name }) => name === 'n'));
      const n = counts.reduce((sum, { values }) => sum + Number(values[index] ?? 0), 0);
      return card(title(index), rows, counts.length > 0 ? `n ${n.toLocaleString()}` : undefined);
    },
  };
}

type Row = [colour: string, name: string, value: string, dashed: boolean];

/** Elements, not markup: what vendors and distributors are called stays text. */
function card(title: string, rows: Row[], foot?: string): HTMLElement {
  const element = (tag: string, className: string, text = ''): HTMLElement => {
    const made = document.createElement(tag);
    [made.className, made.textContent] = [className, text];
    return made;
  };
  const root = element('div', 'tip');
  root.append(element('div', 'tip-title', title));
  for (const [colour, name, value, dashed] of rows) {
    const row = element('div', 'tip-row');
    const swatch = element('span', dashed ? 'swatch dashed' : 'swatch');
    swatch.style.setProperty('--colour', colour);
    row.append(swatch, element('span', 'tip-name', name), element('strong', '', value));
    root.append(row);
  }
  if (foot) root.append(element('div', 'tip-foot', foot));
  return root;
}
