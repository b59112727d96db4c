/** k6's summary, as rows, as text and as a page. Runs in k6 and in Node. */

/** What k6 gives handleSummary, as far as it is read here. Times are milliseconds. */
export interface Summary {
  state: { testRunDurationMs: number };
  metrics: Record<string, { values: Record<string, number>; thresholds?: Record<string, { ok: boolean }> }>;
}

export interface Row {
  /** empty: the whole run */
  operation: string;
  requests: number;
  failed: number;
  /** requests per second */
  rate: number;
  p50: number;
  p90: number;
  p95: number;
  p99: number;
  max: number;
  /** thresholds about it that do not hold, in k6's words */
  broken: string[];
}

/** The whole run first, then each operation that was asked for, by its name. */
export function rowsOf({ metrics, state }: Summary): Row[] {
  const names = Object.keys(metrics).flatMap((name) => /^http_reqs\{operation:(.+)\}$/.exec(name)?.[1] ?? []);
  const row = (operation: string): Row => {
    const of = (metric: string) => metrics[operation ? `${metric}{operation:${operation}}` : metric]?.values ?? {};
    const [times, requests] = [of('http_req_duration'), of('http_reqs')['count'] ?? 0];
    const mine = Object.entries(metrics).filter(([name]) => !operation || name.endsWith(`{operation:${operation}}`));
    return {
      operation,
      requests,
      failed: Math.round((of('http_req_failed')['rate'] ?? 0) * requests),
      rate: requests / (state.testRunDurationMs / 1000),
      p50: times['med'] ?? 0,
      p90: times['p(90)'] ?? 0,
      p95: times['p(95)'] ?? 0,
      p99: times['p(99)'] ?? 0,
      max: times['max'] ?? 0,
      broken: mine.flatMap(([name, { thresholds = {} }]) =>
        Object.entries(thresholds).flatMap(([words, { ok }]) => (ok ? [] : [`${name} ${words}`])),
      ),
    };
  };
  return [
    row(''),
    ...names
      .sort()
      .map(row)
      .filter(({ requests }) => requests > 0),
  ];
}

export const peopleOf = ({ metrics }: Summary): number => metrics['vus_max']?.values['max'] ?? 0;

const ms = (value: number) => value.toFixed(value < 10 ? 1 : 0);
const cells = ({ requests, failed, rate, p50, p90, p95, p99, max }: Row) => [
  String(requests),
  String(failed),
  rate.toFixed(1),
  ...[p50, p90, p95, p99, max].map(ms),
];
const heads = ['operation', 'requests', 'failed', 'per s', 'p50 ms', 'p90 ms', 'p95 ms', 'p99 ms', 'max ms'];

export function text(scenario: string, summary: Summary): string {
  const rows = rowsOf(summary);
  const table = [heads, ...rows.map((row) => [row.operation || 'all', ...cells(row)])];
  const lines = table.map(([name = '', ...rest]) => name.padEnd(20) + rest.map((cell) => cell.padStart(10)).join(''));
  const broken = rows[0]!.broken.map((words) => `  does not hold: ${words}`);
  return ['', `${scenario}, ${(summary.state.testRunDurationMs / 1000).toFixed(0)} s`, ...lines, ...broken, ''].join(
    '\n',
  );
}

const escape = (words: string) => words.replace(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0)};`);

export function html(scenario: string, summary: Summary): string {
  const rows = rowsOf(summary);
  const slowest = Math.max(1, ...rows.map(({ p95 }) => p95));
  const body = rows.map(
    (row) =>
      `<tr class="${row.broken.length > 0 ? 'broken' : ''}"><th scope="row">${escape(row.operation || 'all')}</th>${cells(
        row,
      )
        .map((cell) => `<td>${cell}</td>`)
        .join('')}<td class="bar"><i style="width:${((row.p95 / slowest) * 100).toFixed(1)}%"></i></td></tr>`,
  );
  const broken = rows[0]!.broken;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Load test: ${escape(scenario)}</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 64em; margin: 2em auto; padding: 0 1em; color-scheme: light dark }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
  th, td { padding: .35em .6em; text-align: right; border-bottom: 1px solid #8884 }
  th:first-child { text-align: left } .bar { width: 10em } .bar i { display: block; height: .7em; background: #3274d9 }
  .broken th, .bad { color: #c4162a } .broken .bar i { background: #c4162a }
</style>
<h1>Load test: ${escape(scenario)}</h1>
<p>${(summary.state.testRunDurationMs / 1000).toFixed(0)} s, at most ${peopleOf(summary)} people at once.
${broken.length === 0 ? 'Every threshold holds.' : `<b class="bad">${broken.length} thresholds do not hold:</b>`}</p>
<ul class="bad">${broken.map((words) => `<li>${escape(words)}</li>`).join('')}</ul>
<table><thead><tr>${heads.map((head) => `<th>${head}</th>`).join('')}<th>p95</th></tr></thead>
<tbody>${body.join('\n')}</tbody></table>
</html>
`;
}
