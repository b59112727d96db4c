import { describe, expect, it } from '@jest/globals';
import { expand, type Context, type Variable } from './macros.js';

const base: Context = { from: 1_415_792_726_123, to: 1_447_328_726_456, intervalMs: 60_000, variables: {} };
const withVariables = (variables: Record<string, Variable>): Context => ({ ...base, variables });
const [f, t] = ['toDateTime(1415792726)', 'toDateTime(1447328726)'];
const [fMs, tMs] = ['fromUnixTimestamp64Milli(1415792726123)', 'fromUnixTimestamp64Milli(1447328726456)'];

/** Most of these are the plugin's own tests (pkg/macros/macros_test.go, 4.20). */
describe('macros', () => {
  it.each([
    ['$__fromTime and $__toTime', `${f} and ${t}`],
    ['$__fromTime_ms and $__toTime_ms', `${fMs} and ${tMs}`],
    ['( a >= $__fromTime ) and ( a <= $__toTime ) limit 1', `( a >= ${f} ) and ( a <= ${t} ) limit 1`],
    ['$__timeFilter(cast(x as timestamp))', `cast(x as timestamp) >= ${f} AND cast(x as timestamp) <= ${t}`],
    ['$__timeFilter(cast(x as timestamp) )', `cast(x as timestamp) >= ${f} AND cast(x as timestamp) <= ${t}`],
    ['$__timeFilter_ms(c)', `c >= ${fMs} AND c <= ${tMs}`],
    ['$__dateFilter(c)', "c >= toDate('2014-11-12') AND c <= toDate('2015-11-12')"],
    [
      '$__dateTimeFilter(d, c)',
      `(d >= toDate('2014-11-12') AND d <= toDate('2015-11-12')) AND (c >= ${f} AND c <= ${t})`,
    ],
    ['$__dt(d,c)', `(d >= toDate('2014-11-12') AND d <= toDate('2015-11-12')) AND (c >= ${f} AND c <= ${t})`],
    ['$__timeInterval(c)', 'toStartOfInterval(toDateTime(c), INTERVAL 60 second)'],
    ['$__timeInterval_ms(c)', 'toStartOfInterval(toDateTime64(c, 3), INTERVAL 60000 millisecond)'],
    ['$__interval_s', '60'],
    ['$__timeFrom(c) AND $__timeTo(c)', `c >= ${f} AND c <= ${t}`],
    ['$__timeGroup(c,5m)', 'toStartOfInterval(toDateTime(c), INTERVAL 300 second)'],
    ["$__timeGroup(c, '1h30m')", 'toStartOfInterval(toDateTime(c), INTERVAL 5400 second)'],
    ['$__timeInterval($__fromTime)', `toStartOfInterval(toDateTime(${f}), INTERVAL 60 second)`],
    ['$__timeFilter(coalesce(c, $__toTime))', `coalesce(c, ${t}) >= ${f} AND coalesce(c, ${t}) <= ${t}`],
    ["x = 'it\\'s -- fine' and $__fromTime", `x = 'it\\'s -- fine' and ${f}`],
    ["x = 'it''s' and $__fromTime", `x = 'it''s' and ${f}`],
    ["SELECT `it's` WHERE m = 'a--b' AND $__toTime", `SELECT \`it's\` WHERE m = 'a--b' AND ${t}`],
    ['a -- $__timeFilter(\nb /* $__fromTime */ c', 'a  \nb   c'],
    ['$__unknown(x) $nobody ${nobody:csv}', '$__unknown(x) $nobody ${nobody:csv}'],
    ['$__from $__to $__interval $__interval_ms ${__from}', '1415792726123 1447328726456 1m 60000 1415792726123'],
  ])('expands %s', (sql, expected) => {
    expect(expand(sql, base)).toBe(expected);
  });

  it('never makes a bucket shorter than the plugin does', () => {
    expect(expand('$__interval_s $__timeInterval_ms(c)', { ...base, intervalMs: 250 })).toBe(
      '1 toStartOfInterval(toDateTime64(c, 3), INTERVAL 250 millisecond)',
    );
  });

  it.each([
    ['$__timeFilter()', 'expects 1 arguments and has 0'],
    ['$__timeFilter(a, b)', 'expects 1 arguments and has 2'],
    ['$__dt(a)', 'expects 2 arguments and has 1'],
    ['$__timeGroup(c, soon)', 'not an interval'],
    ['$__timeFilter(a', 'bracket is not closed'],
    ['$__conditionalAll(a)', 'expects 2 arguments and has 1'],
  ])('refuses %s', (sql, reason) => {
    expect(() => expand(sql, base)).toThrow(reason);
  });
});

describe('template variables', () => {
  const context = withVariables({
    basis: { value: 'ship' },
    region: { value: ['a', "b'c"] },
    none: { value: [] },
    every: { value: ['$__all'], all: ['x', 'y'] },
    custom: { value: '$__all', all: '.*' },
  });
  it.each([
    ['${basis:singlequote}', "'ship'"],
    ['$basis ${basis} [[basis]] ${basis:raw}', 'ship ship ship ship'],
    ['IN (${region:singlequote})', "IN ('a','b\\'c')"],
    ['IN (${region:sqlstring})', "IN ('a','b''c')"],
    ['IN ($every)', "IN ('x','y')"],
    ['${every:csv}', 'x,y'],
    ['IN (${every:singlequote})', "IN ('x','y')"],
    ['$custom', '.*'],
    ['$__conditionalAll(r IN (${region:singlequote}), $region)', "r IN ('a','b\\'c')"],
    ['$__conditionalAll(r IN (${none:singlequote}), $none)', '1=1'],
    ['$__conditionalAll(r IN (${every:singlequote}), ${every})', '1=1'],
    ['$__conditionalAll($__timeFilter(c) AND r = $basis, $custom) AND $__conditionalAll(a, $basis)', '1=1 AND a'],
    ['$__timeFilter($basis)', `ship >= ${f} AND ship <= ${t}`],
  ])('expands %s', (sql, expected) => {
    expect(expand(sql, context)).toBe(expected);
  });

  it('refuses All where nothing says what it stands for', () => {
    expect(() => expand('IN (${r:singlequote})', withVariables({ r: { value: ['$__all'] } }))).toThrow(
      'conditionalAll',
    );
  });

  it.each([
    ["'; DROP TABLE x --", "'\\'; DROP TABLE x --'"],
    ["\\' OR 1=1 --", "'\\\\\\' OR 1=1 --'"],
    ['\\', "'\\\\'"],
    ['$__dateFilter( OR 1=1 )', "'\\x24__dateFilter( OR 1=1 )'"],
    ['${other} $other', "'${other} $other'"],
    ['/* -- */', "'/* -- */'"],
    ['重庆 $& $1', "'重庆 $& $1'"],
  ])('keeps the hostile value %s data', (value, expected) => {
    const hostile = withVariables({ v: { value }, other: { value: 'leak' } });
    expect(expand('x = ${v:singlequote} AND 1', hostile)).toBe(`x = ${expected} AND 1`);
    expect(expand('x IN (${v:singlequote})', withVariables({ v: { value: [value, 'b'] } }))).toBe(
      `x IN (${expected},'b')`,
    );
  });

  it.each(["a'", 'a\\', '1) OR (1=1', 'a--b', 'a;b', '`a`', '$__fromTime'])('refuses %s without quotes', (value) => {
    for (const sql of ['$v', '${v}', '${v:raw}', '${v:csv}', '[[v]]'])
      expect(() => expand(sql, withVariables({ v: { value } }))).toThrow('needs quotes');
    expect(() => expand('$v', withVariables({ v: { value: [value, 'b'] } }))).toThrow('needs quotes');
  });
});
