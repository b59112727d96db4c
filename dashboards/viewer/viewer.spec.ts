import { describe, expect, it } from '@jest/globals';
import { FieldType } from '@grafana/data';
import { readPlace, writePlace } from './address.js';
import { axisText, legendOf, print, seriesOf, type Setting, slicesOf } from './charts.js';
import { framesOf, isEmpty, sampleSize } from './frames.js';
import { linkOf } from './links.js';
import type { Panel, Result } from './model.js';
import { lookOf } from './theme.js';
import { dateText, endOfDate, pointText, readRange, startOfDate } from './time.js';

const zone = 'Asia/Shanghai';
const look = lookOf(false);

const panel = (
  type: string,
  format: number,
  overrides: Panel['fieldConfig']['overrides'] = [],
  defaults = {},
): Panel => ({
  id: 1,
  type,
  title: 'Panel',
  description: '',
  gridPos: { x: 0, y: 0, w: 12, h: 8 },
  targets: [{ refId: 'A', format }],
  options: {},
  fieldConfig: { defaults: { color: { mode: 'palette-classic' }, ...defaults }, overrides },
});
const override = (name: string, properties: Record<string, unknown>) => ({
  matcher: { id: 'byName', options: name },
  properties: Object.entries(properties).map(([id, value]) => ({ id, value })),
});
const result = (columns: [string, string][], rows: unknown[][]): Result => ({
  refId: 'A',
  columns: columns.map(([name, type]) => ({ name, type })),
  rows,
});
const setting = (of: Panel, results: Result[]): Setting => ({
  panel: of,
  frames: framesOf(of, results, look.theme, zone),
  look,
  language: 'en',
  timeZone: zone,
  width: 600,
});

describe('time', () => {
  // 1 March, 00:30 in Shanghai, still February in UTC
  const now = Date.parse('2026-02-28T16:30:00Z');

  it.each([
    ['now/M', 'now', '2026-02-28T16:00:00.000Z', '2026-02-28T16:30:00.000Z'],
    ['now-1M/M', 'now-1M/M', '2026-01-31T16:00:00.000Z', '2026-02-28T15:59:59.999Z'],
    ['now/w', 'now/w', '2026-02-22T16:00:00.000Z', '2026-03-01T15:59:59.999Z'],
    ['1767196800000', '1774972799999', '2025-12-31T16:00:00.000Z', '2026-03-31T15:59:59.999Z'],
  ])('reads %s to %s in the business time zone', (from, to, first, last) => {
    const range = readRange(from, to, zone, now);
    expect([new Date(range.from).toISOString(), new Date(range.to).toISOString()]).toEqual([first, last]);
  });

  it.each([
    ['soon', 'now'],
    ['now', 'now-1d'],
    ['now', ''],
  ])('refuses %s to %s', (from, to) => {
    expect(() => readRange(from, to, zone, now)).toThrow(RangeError);
  });

  it('knows the days of the business calendar', () => {
    expect(new Date(startOfDate('2026-03-01', zone)).toISOString()).toBe('2026-02-28T16:00:00.000Z');
    expect(new Date(endOfDate('2026-03-01', zone)).toISOString()).toBe('2026-03-01T15:59:59.999Z');
    expect(dateText(now, 'en', zone)).toBe('1 Mar 2026');
    expect(pointText(now, 28 * 86_400_000, 'zh', zone)).toMatch(/2026.3/);
  });
});

describe('address', () => {
  it('keeps everything that is chosen', () => {
    const text =
      '/d/fenxiao-sales?from=now-1y&to=now&refresh=1s&kiosk&var-region=a&var-region=b&var-basis=ship&var-family=';
    const place = readPlace(new URL(text, 'http://x'));
    expect(place).toEqual({
      uid: 'fenxiao-sales',
      from: 'now-1y',
      to: 'now',
      refresh: '1s',
      kiosk: true,
      values: { region: ['a', 'b'], basis: 'ship', family: '' },
    });
    expect(readPlace(new URL(writePlace(place), 'http://x'))).toEqual(place);
    expect(readPlace(new URL('http://x/')).uid).toBeUndefined();
  });
});

describe('frames', () => {
  it('prints by the field configuration: units, decimals, mappings, no value', () => {
    const of = panel(
      'table',
      1,
      [
        override('net', { unit: 'currency:financial:¥', decimals: 2, displayName: 'Net sales' }),
        override('state', { mappings: [{ type: 'value', options: { 'on-hold': { text: 'On hold', index: 0 } } }] }),
        override('day', { unit: 'time:YYYY-MM-DD HH:mm' }),
      ],
      { noValue: 'n/a' },
    );
    const { frames } = setting(of, [
      result(
        [
          ['net', 'Nullable(Decimal(38, 2))'],
          ['state', 'LowCardinality(String)'],
          ['day', 'Date'],
          ['at', "SimpleAggregateFunction(max, DateTime64(3, 'UTC'))"],
        ],
        [
          ['1234567.5', 'on-hold', '2026-03-01', '2026-03-01 00:30:00.000'],
          [null, 'x', '2026-03-02', '2026-03-01 00:30:00.000'],
        ],
      ),
    ]);
    const [net, state, day, at] = frames[0]!.fields;
    expect([print(net!, net!.values[0]), print(net!, net!.values[1])]).toEqual(['¥1,234,567.50', 'n/a']);
    expect([print(state!, 'on-hold'), print(state!, 'x')]).toEqual(['On hold', 'x']);
    expect(print(day!, day!.values[0])).toBe('2026-03-01 00:00');
    expect(new Date(at!.values[0] as number).toISOString()).toBe('2026-03-01T00:30:00.000Z');
    expect(at!.type).toBe(FieldType.time);
  });

  it('makes a series of each text, as the plugin does, with gaps where a time is missing', () => {
    const of = panel('timeseries', 0, [
      override('share', { displayName: '${__field.labels.vendor}' }),
      {
        matcher: { id: 'byRegexp', options: '/ · low$/' },
        properties: [{ id: 'custom.lineStyle', value: { fill: 'dash' } }],
      },
    ]);
    const made = setting(of, [
      result(
        [
          ['time', 'DateTime'],
          ['vendor', 'String'],
          ['share', 'Float64'],
          ['n', 'UInt64'],
        ],
        [
          ['2026-01-01 00:00:00', 'We', 20, '3'],
          ['2026-01-01 00:00:00', 'Acme', 30, '2'],
          ['2026-02-01 00:00:00', 'Acme', 40, '2'],
          ['2026-02-01 00:00:00', 'We · low', 25, '1'],
        ],
      ),
    ]);
    const series = seriesOf(made);
    expect(series.map(({ name, dashed, field }) => [name, dashed, field.values])).toEqual([
      ['We', false, [20, null]],
      ['Acme', false, [30, 40]],
      ['We · low', true, [null, 25]],
    ]);
    expect(series[2]!.colour).toBe(series[0]!.colour);
    expect(legendOf(series).map(({ name }) => name)).toEqual(['We', 'Acme', 'low']);
    expect(sampleSize(made.frames)).toBe(8);
  });

  it('tells nothing from zero', () => {
    const of = panel('stat', 1);
    const empty = (rows: unknown[][]) =>
      isEmpty(
        setting(of, [
          result(
            [
              ['net', 'Float64'],
              ['n', 'UInt64'],
            ],
            rows,
          ),
        ]).frames,
      );
    expect([empty([]), empty([[null, null]]), empty([[0, 0]]), empty([[null, 3]])]).toEqual([true, true, false, false]);
  });

  it('gives parts of a whole their share', () => {
    const made = setting(panel('piechart', 1), [
      result(
        [
          ['family', 'String'],
          ['net', 'Float64'],
          ['n', 'UInt8'],
        ],
        [
          ['a', 30, 1],
          ['b', 10, 1],
          ['c', -5, 1],
        ],
      ),
    ]);
    expect(slicesOf(made).map(({ name, value, share }) => [name, value, share])).toEqual([
      ['a', 30, 75],
      ['b', 10, 25],
      ['c', -5, undefined],
    ]);
  });

  it('marks an axis in the way of the reader', () => {
    const { frames } = setting(panel('timeseries', 1, [override('net', { unit: 'currency:financial:¥' })]), [
      result([['net', 'Float64']], [[1]]),
    ]);
    const field = frames[0]!.fields[0];
    expect([axisText(field, 12_000_000, 'zh'), axisText(field, 12_000_000, 'en'), axisText(field, -5, 'en')]).toEqual([
      '¥1200万',
      '¥12M',
      '−¥5',
    ]);
  });
});

describe('drill-down', () => {
  const url = '/d/x?${__url_time_range}&var-region=${__data.fields.region_id}&${basis:queryparam}';
  const { frames } = setting(panel('table', 1, [override('region', { links: [{ title: 'Open', url }] })]), [
    result(
      [
        ['region', 'String'],
        ['region_id', 'String'],
      ],
      [
        ['华东', 'a&b'],
        ['?', ''],
      ],
    ),
  ]);
  const [field] = frames[0]!.fields;
  const around = { from: 'now-1y', to: 'now', values: { basis: 'ship' } };

  it('fills in the row, the time and what is chosen', () => {
    expect(linkOf(field!, frames[0]!, 0, around)).toEqual({
      title: 'Open',
      href: '/d/x?from=now-1y&to=now&var-region=a%26b&var-basis=ship',
    });
  });

  it('is not offered where the row lacks what it names', () => {
    expect(linkOf(field!, frames[0]!, 1, around)).toBeUndefined();
  });
});
