/** What fills a panel: one component a type. */
import { type DataFrame, type Field, FieldType, getFieldDisplayValues } from '@grafana/data';
import type { ComponentChildren } from 'preact';
import { useCallback, useMemo, useState } from 'preact/hooks';
import { Chart } from './chart.js';
import { barChart, type Drawing, legendOf, pie, print, type Setting, slicesOf, timeSeries } from './charts.js';
import { usePage } from './context.js';
import { customOf, nameOf, plain as asText, replaceFieldVariables } from './frames.js';
import { type Link, linkOf, type Surroundings } from './links.js';

export interface BodyProps {
  setting: Setting;
  around: Surroundings;
}

function Linked({ link, children }: { link: Link | undefined; children: ComponentChildren }) {
  if (!link) return <>{children}</>;
  return (
    <a href={link.href} title={link.title}>
      {children}
    </a>
  );
}

/** Values to show one by one, named and reduced as Grafana does. */
function displayValues({ panel, frames, look, timeZone }: Setting) {
  return getFieldDisplayValues({
    data: frames,
    fieldConfig: panel.fieldConfig,
    reduceOptions: { ...panel.options.reduceOptions, calcs: panel.options.reduceOptions?.calcs ?? [] },
    replaceVariables: (text, vars) => replaceFieldVariables(text, vars),
    theme: look.theme,
    timeZone,
  });
}

/** A signed change reads as one: its sign is there for those who don't see its colour. */
const signed = (field: Field | undefined, value: number): string =>
  field?.name.startsWith('change') && value > 0 ? '+' : '';

export function Stat({ setting, around }: BodyProps) {
  const values = displayValues(setting);
  const [first, ...others] = values.map(({ display, view, colIndex }) => {
    const frame = view?.dataFrame;
    const field = frame?.fields[colIndex ?? -1];
    const text = `${signed(field, display.numeric)}${display.prefix ?? ''}${display.text}`;
    const link = field && frame ? linkOf(field, frame, 0, around) : undefined;
    return {
      title: display.title ?? '',
      text,
      suffix: display.suffix ?? '',
      colour: display.color,
      link,
      change: field?.name.startsWith('change'),
      known: Number.isFinite(display.numeric),
    };
  });
  if (!first) return null;
  return (
    <div class="stat">
      <p class="stat-value">
        <Linked link={first.link}>
          {first.text}
          <small>{first.suffix}</small>
        </Linked>
      </p>
      {others.length > 0 && (
        <dl class="stat-others">
          {others.map(({ title, text, suffix, colour, change, known }) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd style={change && known ? { color: colour } : {}}>
                {text}
                {suffix}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

function Legend({ series }: Drawing) {
  return (
    <ul class="legend">
      {legendOf(series).map(({ name, colour, dashed }) => (
        <li key={name}>
          <span class={dashed ? 'swatch dashed' : 'swatch'} style={{ '--colour': colour }} />
          {name}
        </li>
      ))}
    </ul>
  );
}

export function AxisChart({ setting, around }: BodyProps) {
  const { go } = usePage();
  const make = setting.panel.type === 'timeseries' ? timeSeries : barChart;
  const drawing = useMemo(() => make(setting), [setting]);
  const option = useCallback((width: number) => make({ ...setting, width }).option, [setting]);
  const linked = drawing.series.some(({ field }) => field.config.links?.length);
  const pick = (row: number) => {
    const one = drawing.series.find(({ field }) => field.config.links?.length);
    const link = one && linkOf(one.field, one.frame, row, around);
    if (link) go(link.href);
  };
  const shown = setting.panel.options.legend?.showLegend !== false && drawing.series.length > 1;
  return (
    <div class="chart-and-legend">
      <Chart label={setting.panel.title} option={option} {...(linked ? { onPick: pick } : {})} />
      {shown && <Legend {...drawing} />}
    </div>
  );
}

export function Pie({ setting, around }: BodyProps) {
  const { go } = usePage();
  const slices = useMemo(() => slicesOf(setting), [setting]);
  const option = useCallback(() => pie(setting, slices), [setting, slices]);
  const linkAt = (i: number) => linkOf(slices[i]!.field, slices[i]!.frame, slices[i]!.row, around);
  const linked = slices.some((_, i) => linkAt(i));
  const pick = (i: number) => {
    const link = linkAt(i);
    if (link) go(link.href);
  };
  return (
    <div class="pie">
      <Chart label={setting.panel.title} option={option} {...(linked ? { onPick: pick } : {})} />
      <ul class="pie-legend">
        {slices.map(({ name, colour, value, share, field }, i) => (
          <li key={name}>
            <span class="swatch" style={{ '--colour': colour }} />
            <span class="pie-name">
              <Linked link={linkAt(i)}>{name}</Linked>
            </span>
            <span class="pie-share">{share === undefined ? '' : `${share.toFixed(1)}%`}</span>
            <span class="pie-value">{print(field, value)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function BarGauge({ setting, around }: BodyProps) {
  const values = displayValues(setting);
  const largest = Math.max(...values.map(({ field, display }) => field.max ?? display.numeric), 0);
  return (
    <ul class="gauges">
      {values.map(({ display, view, colIndex, rowIndex }, i) => {
        const frame = view?.dataFrame;
        const field = frame?.fields[colIndex ?? -1];
        const link = field && frame && rowIndex !== undefined ? linkOf(field, frame, rowIndex, around) : undefined;
        const width = largest > 0 ? Math.max(0, (display.numeric / largest) * 100) : 0;
        return (
          <li key={i}>
            <span class="gauge-name">
              <Linked link={link}>{display.title}</Linked>
            </span>
            <span class="gauge-bar">
              <span style={{ width: `${width}%`, background: display.color }} />
            </span>
            <span class="gauge-value">
              {display.prefix}
              {display.text}
              {display.suffix}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

interface TableProps extends BodyProps {
  /** every column that is not hidden everywhere, the count too: the data behind a drawing */
  plain?: boolean;
}

export function Table({ setting, around, plain = false }: TableProps) {
  const { frames } = setting;
  return (
    <div class="tables">
      {frames.map((frame, i) => (
        <OneTable key={i} {...{ frame, frames, setting, around, plain }} />
      ))}
    </div>
  );
}

function OneTable({
  frame,
  frames,
  setting,
  around,
  plain,
}: {
  frame: DataFrame;
  frames: DataFrame[];
  setting: Setting;
  around: Surroundings;
  plain: boolean;
}) {
  const [sort, setSort] = useState<{ column: string; down: boolean }>();
  const columns = frame.fields.filter((field) => !customOf(field).hidden && (!plain || !/_id$/.test(field.name)));
  const sorted = frame.fields.find(({ name }) => name === sort?.column);
  const rows = useMemo(() => {
    const order = Array.from({ length: frame.length }, (_, row) => row);
    if (!sorted) return order;
    const direction = sort!.down ? -1 : 1;
    return order.sort((a, b) => direction * compare(sorted.values[a], sorted.values[b]));
  }, [frame, sort]);
  return (
    <table>
      <caption class="unseen">{setting.panel.title}</caption>
      <thead>
        <tr>
          {columns.map((field) => {
            const active = sorted === field;
            const direction = active ? (sort!.down ? 'descending' : 'ascending') : 'none';
            return (
              <th key={nameOf(field, frame, frames)} scope="col" class={alignOf(field)} aria-sort={direction}>
                <button
                  type="button"
                  onClick={() =>
                    setSort({ column: field.name, down: active ? !sort!.down : field.type === FieldType.number })
                  }
                >
                  {nameOf(field, frame, frames)}
                  <span aria-hidden="true" class="sort">
                    {active ? (sort!.down ? '↓' : '↑') : ''}
                  </span>
                </button>
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row}>
            {columns.map((field) => (
              <Cell key={field.name} {...{ field, frame, row, setting, around }} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell({ field, frame, row, setting, around }: BodyProps & { field: Field; frame: DataFrame; row: number }) {
  const value: unknown = field.values[row];
  const kind = value === null ? undefined : customOf(field).cellOptions?.type;
  const colour = kind === 'color-text' || field.config.mappings?.length ? field.display?.(value).color : undefined;
  // A series without a point at some time is no figure that can't be computed.
  const absent = value === null && field.labels !== undefined;
  const text = absent ? '' : `${typeof value === 'number' ? signed(field, value) : ''}${print(field, value)}`;
  const largest = kind === 'gauge' ? Math.max(...(field.values as (number | null)[]).map((n) => n ?? 0), 0) : 0;
  // What the row is about leads on; a whole row of links would be no help.
  const link = field.type === FieldType.number ? undefined : linkOf(field, frame, row, around);
  return (
    <td class={alignOf(field)} style={colour && kind === 'color-text' ? { color: colour } : {}}>
      <Linked link={link}>{text}</Linked>
      {largest > 0 && (
        <span class="gauge-bar">
          <span
            style={{
              width: `${Math.max(0, (Number(value ?? 0) / largest) * 100)}%`,
              background: setting.look.theme.visualization.palette[0],
            }}
          />
        </span>
      )}
    </td>
  );
}

const alignOf = ({ type }: Field): string => (type === FieldType.number || type === FieldType.time ? type : 'text');

function compare(a: unknown, b: unknown): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return typeof a === 'number' && typeof b === 'number' ? a - b : asText(a).localeCompare(asText(b), 'zh-CN');
}
