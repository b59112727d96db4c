import type { Label, Language } from '@fenxiao/domain/dictionary';
import type { KindSummary, Progress, Summary, TableSummary } from './run.js';

/** What the command line shows: how files were understood, how far it is, and what came of it. */

const words = {
  reading: { en: 'reading', zh: '读取' },
  checking: { en: 'checking', zh: '校验' },
  loading: { en: 'loading', zh: '导入' },
  waiting: { en: 'waiting until the services know of it', zh: '等待各服务同步' },
  kind: { en: 'kind', zh: '类别' },
  read: { en: 'read', zh: '读取' },
  created: { en: 'created', zh: '新增' },
  changed: { en: 'changed', zh: '变更' },
  unchanged: { en: 'unchanged', zh: '未变' },
  rejected: { en: 'rejected', zh: '拒绝' },
  skipped: { en: 'left out', zh: '跳过' },
  seconds: { en: 'seconds', zh: '秒' },
  rowsPerSecond: { en: 'rows/s', zh: '行/秒' },
  total: { en: 'in all', zh: '合计' },
  lines: { en: 'lines', zh: '明细行' },
  totals: { en: 'Sums', zh: '金额合计' },
  net: { en: 'net', zh: '不含税金额' },
  'shipped net': { en: 'of it shipped', zh: '其中已发货' },
  amount: { en: 'amount', zh: '金额' },
  value: { en: 'value', zh: '金额' },
  refusals: { en: 'Rejected, by file and reason', zh: '拒绝原因（按文件）' },
  findings: { en: "Findings: what today's rules would have said", zh: '规则提示：按现行规定本应提示' },
  unused: { en: 'not used', zh: '未使用' },
  headerLine: { en: 'headers in line', zh: '表头在第' },
  columns: { en: 'columns not used', zh: '未使用的列' },
  fixed: { en: '(fixed)', zh: '（固定值）' },
  dry: { en: 'Dry run: nothing was written.', zh: '试运行：未写入任何数据。' },
  nothing: { en: 'Nothing was written, since rows were rejected.', zh: '因有被拒绝的行，未写入任何数据。' },
  done: { en: 'Done.', zh: '完成。' },
} satisfies Record<string, Label>;
type Word = keyof typeof words;

/** Characters that take two places in a terminal. */
const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g;
const width = (text: string) => text.length + (text.match(wide)?.length ?? 0);
const right = (text: string, to: number) => ' '.repeat(Math.max(0, to - width(text))) + text;
const left = (text: string, to: number) => text + ' '.repeat(Math.max(0, to - width(text)));

export function planLines(tables: readonly TableSummary[], unused: readonly string[], language: Language): string[] {
  const say = (word: Word) => words[word][language];
  const lines = tables.flatMap(({ table, kind, lines: ofOrders, encoding, headerLine, fields, unusedColumns }) => [
    `${table} → ${kind}${ofOrders ? ` (${say('lines')})` : ''}${encoding ? `, ${encoding}` : ''}, ${say('headerLine')} ${headerLine}`,
    ...fields.map(({ field, from }) => `    ${left(field, 22)} ← ${from.length > 0 ? from.join(' + ') : say('fixed')}`),
    ...(unusedColumns.length > 0 ? [`    ${say('columns')}: ${unusedColumns.join(', ')}`] : []),
  ]);
  return unused.length > 0 ? [...lines, `${say('unused')}: ${unused.join(', ')}`] : lines;
}

export function summaryLines(summary: Summary, language: Language): string[] {
  const say = (word: Word) => words[word][language];
  const columns = [
    'read',
    'created',
    'changed',
    'unchanged',
    'rejected',
    'skipped',
    'seconds',
    'rowsPerSecond',
  ] as const;
  const cells = (of: Pick<KindSummary, (typeof columns)[number]>) =>
    columns.map((column) => (column === 'seconds' ? of.seconds.toFixed(1) : of[column].toLocaleString('en-US')));
  const sum = (column: (typeof columns)[number]) => summary.kinds.reduce((total, of) => total + of[column], 0);
  const seconds = sum('seconds');
  const sent = sum('created') + sum('changed') + sum('unchanged');
  const whole = {
    read: sum('read'),
    created: sum('created'),
    changed: sum('changed'),
    unchanged: sum('unchanged'),
    rejected: summary.rejected,
    skipped: sum('skipped'),
    seconds: summary.seconds,
    rowsPerSecond: seconds > 0 ? Math.round(sent / seconds) : 0,
  };
  const rows = [
    [say('kind'), ...columns.map(say)],
    ...summary.kinds.map((of) => [of.kind, ...cells(of)]),
    [say('total'), ...cells(whole)],
  ];
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => width(row[i]!))));
  const table = rows.map((row) => row.map((cell, i) => (i === 0 ? left : right)(cell, widths[i]!)).join('  '));
  const totals = summary.kinds.flatMap(({ kind, lines, totals: sums }) => {
    const parts = Object.entries(sums).map(([name, amount]) => `${say(name as Word)} ${grouped(amount)}`);
    if (lines) parts.unshift(`${lines.toLocaleString('en-US')} ${say('lines')}`);
    return parts.length > 0 ? [`  ${kind}: ${parts.join(', ')}`] : [];
  });
  const refusals = summary.refusals
    .slice(0, 20)
    .map(({ file, kind, code, reason, count }) => `  ${right(String(count), 7)}  ${file} (${kind}) ${code}: ${reason}`);
  const findings = summary.findings.map(({ rule, code, count }) => `  ${right(String(count), 7)}  ${rule} ${code}`);
  return [
    ...table,
    ...(totals.length > 0 ? ['', say('totals'), ...totals] : []),
    ...(refusals.length > 0 ? ['', say('refusals'), ...refusals] : []),
    ...(findings.length > 0 ? ['', say('findings'), ...findings] : []),
    '',
    ...(summary.stoppedBy
      ? summary.stoppedBy.reasons.map((reason) => reason.text(language))
      : [say(summary.dryRun ? 'dry' : summary.written || summary.rejected === 0 ? 'done' : 'nothing')]),
  ];
}

const grouped = (amount: string) => amount.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',');

/** A bar that is drawn over on a terminal; elsewhere a line now and then. */
export class ProgressBar {
  #drawn = 0;
  #line = '';

  constructor(
    private readonly out: NodeJS.WriteStream,
    private readonly language: Language,
  ) {}

  show({ phase, kind, done, total }: Progress): void {
    const now = Date.now();
    const last = done === total && phase !== 'waiting';
    if (!last && now - this.#drawn < (this.out.isTTY ? 100 : 5000)) return;
    this.#drawn = now;
    const share = total ? done / total : 0;
    const bar = total && phase !== 'waiting' ? `[${'#'.repeat(Math.round(share * 24)).padEnd(24, '.')}] ` : '';
    const count = total === undefined ? String(done) : phase === 'waiting' ? String(total) : `${done}/${total}`;
    const line = `${words[phase][this.language]} ${kind} ${bar}${count}`;
    if (line === this.#line) return;
    this.#line = line;
    this.out.write(this.out.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.out.isTTY) this.out.write('\r\x1b[K');
  }
}
