/**
 * Expands what stands in a panel's SQL as Grafana and its ClickHouse plugin (4.20) do: `$__conditionalAll`, then template
 * variables, then the macros, inner ones first. One difference, on purpose: a value stays data whatever it holds. Grafana's
 * `singlequote` and `sqlstring` leave backslashes alone, which end a ClickHouse literal early; ours are escaped.
 */

/** What a person chose for a template variable. */
export interface Variable {
  /** `$__all` or `['$__all']` is All */
  value: string | readonly string[];
  /** What All stands for outside `$__conditionalAll`: every option, or the author's own text, put in as it is. */
  all?: string | readonly string[];
}

export interface Context {
  /** epoch milliseconds */
  from: number;
  /** epoch milliseconds */
  to: number;
  /** the panel's bucket in milliseconds, at least 1 */
  intervalMs: number;
  variables: Readonly<Record<string, Variable>>;
}

export const all = '$__all';

/**
 * The SQL to send. A macro that nobody knows and a variable that the context does not have stay as they are.
 * @throws Error for a wrong number of arguments, an unknown format, All without options, or a value that only quotes make
 *   safe where the SQL puts it without quotes
 */
export function expand(sql: string, context: Context): string {
  return expandMacros(withoutComments(expandVariables(conditionalAll(sql, context), context)), context);
}

/** `$__conditionalAll(predicate, $v)`: `1=1` when v is empty or All. Cuts arguments as the plugin does, blind to quotes. */
function conditionalAll(sql: string, { variables }: Context): string {
  const macro = '$__conditionalAll(';
  for (let at = sql.lastIndexOf(macro); at !== -1; at = sql.lastIndexOf(macro)) {
    const { args } = argumentsAt(sql, at + macro.length - 1);
    if (args.length !== 2) throw wrongArguments('conditionalAll', 2, args.length);
    const name = /(?<=\$\{)\w+(?=\})|(?<=\$)\w+/.exec(args[1]!)?.[0];
    const value = name === undefined ? undefined : variables[name]?.value.toString();
    sql = sql.replace(`${macro}${args[0]},${args[1]})`, value === '' || value === all ? '1=1' : args[0]!);
  }
  return sql;
}

/** The grammar of Grafana's template service: `$v`, `${v:format}`, `[[v:format]]`. */
const variable = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.[^:^}]+)?(?::([^}]+))?\}/g;

function expandVariables(sql: string, context: Context): string {
  const { from, to, intervalMs } = context;
  const builtIn: Record<string, string> = {
    __from: String(from),
    __to: String(to),
    __interval: intervalText(intervalMs),
    __interval_ms: String(intervalMs),
  };
  return sql.replace(
    variable,
    (match, plain?: string, old?: string, oldFormat?: string, braced?: string, as?: string) => {
      const name = plain ?? old ?? braced ?? '';
      if (Object.hasOwn(builtIn, name)) return builtIn[name]!;
      if (!Object.hasOwn(context.variables, name)) return match;
      const { value, all: everything } = context.variables[name]!;
      if (value.toString() !== all) return formatted(name, value, oldFormat ?? as);
      if (everything === undefined) throw new Error(`$${name} is All, which only $__conditionalAll understands here`);
      return typeof everything === 'string' ? everything : formatted(name, everything, oldFormat ?? as);
    },
  );
}

function formatted(name: string, value: string | readonly string[], format = ''): string {
  const values = typeof value === 'string' ? [value] : value;
  switch (format) {
    case 'singlequote':
      return values.map((one) => literal(one, "\\'")).join(',');
    case 'sqlstring':
      return values.map((one) => literal(one, "''")).join(',');
    case '':
    case 'raw':
    case 'csv': {
      const unsafe = values.find((one) => !/^[\p{L}\p{N}_.: -]*$/u.test(one) || one.includes('--'));
      if (unsafe !== undefined) throw new Error(`the value of $${name} needs quotes: write \${${name}:singlequote}`);
      return format === '' && typeof value !== 'string' ? `'${values.join("','")}'` : values.join(',');
    }
    default:
      throw new Error(`unknown format of $${name}: ${format}`);
  }
}

/** `\x24` is `$`: otherwise a value that spells a macro would be expanded inside the literal, and could end it. */
function literal(text: string, quote: string): string {
  return `'${text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", () => quote)
    .replaceAll('$__', '\\x24__')}'`;
}

/** As Grafana writes intervals: the largest unit that fits, rounded down. */
function intervalText(ms: number): string {
  const units: [string, number][] = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ];
  const [unit, length] = units.find(([, size]) => ms >= size) ?? ['ms', 1];
  return `${Math.floor(ms / length)}${unit}`;
}

/** Macros in comments are not expanded, since comments go first; what looks like one within quotes stays. */
function withoutComments(sql: string): string {
  const parts = /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"|`(?:[^`\\]|\\[\s\S])*`|(--[^\n]*|\/\*[\s\S]*?\*\/)/g;
  return sql.replace(parts, (part, comment?: string) => (comment === undefined ? part : ' '));
}

type Macro = { arguments: number; text(context: Context, ...args: string[]): string };

const seconds = (ms: number): string => `toDateTime(${Math.floor(ms / 1000)})`;
const milliseconds = (ms: number): string => `fromUnixTimestamp64Milli(${ms})`;
/** The plugin takes the UTC date: business dates need `toDate($__fromTime, 'zone')`. */
const utcDate = (ms: number): string => `toDate('${new Date(ms).toISOString().slice(0, 10)}')`;
const within = (column: string, { from, to }: Context, time: (ms: number) => string): string =>
  `${column} >= ${time(from)} AND ${column} <= ${time(to)}`;
const bucketSeconds = ({ intervalMs }: Context): number => Math.floor(Math.max(intervalMs / 1000, 1));
const dateTimeFilter: Macro = {
  arguments: 2,
  text: (c, date, time) => `(${within(date, c, utcDate)}) AND (${within(time, c, seconds)})`,
};

const macros: Record<string, Macro> = {
  fromTime: { arguments: 0, text: (c) => seconds(c.from) },
  toTime: { arguments: 0, text: (c) => seconds(c.to) },
  fromTime_ms: { arguments: 0, text: (c) => milliseconds(c.from) },
  toTime_ms: { arguments: 0, text: (c) => milliseconds(c.to) },
  timeFilter: { arguments: 1, text: (c, column) => within(column, c, seconds) },
  timeFilter_ms: { arguments: 1, text: (c, column) => within(column, c, milliseconds) },
  dateFilter: { arguments: 1, text: (c, column) => within(column, c, utcDate) },
  dateTimeFilter,
  dt: dateTimeFilter,
  timeInterval: {
    arguments: 1,
    text: (c, column) => `toStartOfInterval(toDateTime(${column}), INTERVAL ${bucketSeconds(c)} second)`,
  },
  timeInterval_ms: {
    arguments: 1,
    text: (c, column) =>
      `toStartOfInterval(toDateTime64(${column}, 3), INTERVAL ${Math.max(Math.floor(c.intervalMs), 1)} millisecond)`,
  },
  interval_s: { arguments: 0, text: (c) => String(bucketSeconds(c)) },
  timeFrom: { arguments: 1, text: (c, column) => `${column} >= ${seconds(c.from)}` },
  timeTo: { arguments: 1, text: (c, column) => `${column} <= ${seconds(c.to)}` },
  timeGroup: {
    arguments: 2,
    text: (_, column, period) => `toStartOfInterval(toDateTime(${column}), INTERVAL ${durationSeconds(period)} second)`,
  },
};

function expandMacros(sql: string, context: Context): string {
  let out = '';
  let done = 0;
  for (const found of sql.matchAll(/\$__(\w+)/g)) {
    const macro = Object.hasOwn(macros, found[1]!) ? macros[found[1]!]! : undefined;
    if (!macro || found.index < done) continue;
    const open = found.index + found[0].length;
    const called = sql[open] === '(';
    const { args, end } = called ? argumentsAt(sql, open) : { args: [], end: open };
    const given = args.map((arg) => expandMacros(arg, context).trim());
    if (macro.arguments > 0 && given.length !== macro.arguments)
      throw wrongArguments(found[1]!, macro.arguments, given.length);
    out += sql.slice(done, found.index) + macro.text(context, ...given);
    done = end;
  }
  return out + sql.slice(done);
}

/** What stands between the bracket at `open` and its partner, cut at the commas of that level. */
function argumentsAt(sql: string, open: number): { args: string[]; end: number } {
  const args: string[] = [];
  let [depth, start] = [0, open + 1];
  for (let i = open; i < sql.length; i++) {
    if (sql[i] === '(') depth++;
    else if (sql[i] === ')') depth--;
    if (depth === 0 || (depth === 1 && sql[i] === ',')) {
      args.push(sql.slice(start, i));
      start = i + 1;
    }
    if (depth === 0) return { args: args.length === 1 && args[0]!.trim() === '' ? [] : args, end: i + 1 };
  }
  throw new Error(`a bracket is not closed: ${sql.slice(open, open + 40)}`);
}

/** Go's durations: `5m`, `1h30m`, `500ms`. Whole seconds, rounded. */
function durationSeconds(text: string): number {
  const unit: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600 };
  const plain = text.replace(/^['"]|['"]$/g, '');
  const whole = /^(\d+(\.\d+)?(ms|s|m|h))+$/.test(plain) ? plain.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g) : [];
  const sum = Math.round([...whole].reduce((total, [, n, name]) => total + Number(n) * unit[name!]!, 0));
  if (sum <= 0) throw new Error(`$__timeGroup: not an interval: ${text}`);
  return sum;
}

function wrongArguments(name: string, wanted: number, got: number): Error {
  return new Error(`$__${name} expects ${wanted} arguments and has ${got}`);
}
