/**
 * Alert rules of Grafana, in its provisioning form. Each asks one question of the views that every reader may see; a row of
 * the answer, named by its text columns, is one alert while its number is above the limit.
 */
import { ClickHouseQuery, datasource } from './clickhouse.js';

/** Of the data source as infra/grafana provisions it: a rule can't choose one by a variable. */
export const alertDatasource = 'fenxiao-clickhouse';

interface Alert {
  uid: string;
  title: string;
  /** what is wrong and where to look, in both languages: an alert goes to people whose language nobody knows */
  summary: string;
  /** names columns, then one number */
  sql: string;
  above: number;
  /** how long it must last before anybody is told */
  lasting: string;
  severity: 'warning' | 'critical';
}

export const alerts: Alert[] = [
  {
    uid: 'fenxiao-sink-lag',
    title: '数据入库滞后 Sink lag',
    summary:
      '主题 {{ $labels.topic }} 有记录尚未入库：请查看 analytics 的日志与 /freshness。Records of {{ $labels.topic }} are in the log and not in the store: see the log of analytics and its /freshness.',
    sql: `SELECT topic, toFloat64(expected - actual) AS behind FROM reconciled WHERE check = 'completeness'`,
    above: 0,
    lasting: '10m',
    severity: 'warning',
  },
  {
    uid: 'fenxiao-sink-silent',
    title: '数据核对停止 Sink silent',
    summary:
      '超过 15 分钟没有核对：analytics 已停止或无法写入。Nothing was compared for 15 minutes: analytics is down or can not write.',
    sql: `SELECT toFloat64(dateDiff('second', max(checked_at), now64(3))) AS seconds FROM reconciled`,
    above: 900,
    lasting: '2m',
    severity: 'critical',
  },
  {
    uid: 'fenxiao-dead-letters',
    title: '死信 Dead letters',
    summary:
      '{{ $labels.consumer }} 搁置了消息（{{ $labels.reason }}）。{{ $labels.consumer }} has set messages aside ({{ $labels.reason }}).',
    sql: `SELECT toString(consumer) AS consumer, toString(reason) AS reason, toFloat64(sum(messages)) AS messages
FROM dead_letter_counts WHERE day >= today() - 1 GROUP BY consumer, reason`,
    above: 0,
    lasting: '0s',
    severity: 'warning',
  },
  {
    uid: 'fenxiao-reconciliation',
    title: '对账不符 Reconciliation',
    summary:
      '{{ $labels.check }} 不一致：运行 analytics 的 reconcile 查看每日差额。{{ $labels.check }} differs: run reconcile of analytics for the difference of each day.',
    sql: `SELECT toString(check) AS check, toFloat64(countIf(ok = 0)) AS differing FROM reconciled
WHERE check != 'completeness' GROUP BY check`,
    above: 0,
    lasting: '10m',
    severity: 'critical',
  },
  {
    uid: 'fenxiao-complaint-spike',
    title: '投诉突增 Complaint spike',
    summary:
      '“{{ $labels.defect }}”近七天的投诉为平常的两倍以上：请查看“投诉与质量”。Complaints about {{ $labels.defect }} in seven days are more than twice the usual: see “Complaints and quality”.',
    sql: `SELECT toString(defect) AS defect, toFloat64(week) / greatest(toFloat64(usual), 1) AS ratio FROM complaint_spikes WHERE week >= 5`,
    above: 2,
    lasting: '0s',
    severity: 'warning',
  },
  {
    uid: 'fenxiao-complaints-overdue',
    title: '投诉超时未办 Overdue complaints',
    summary:
      '{{ $labels.procedure }} 有案件超过时限仍未办理。Cases of {{ $labels.procedure }} are past their limit with nothing done since.',
    sql: `SELECT procedure, toFloat64(cases) AS cases FROM overdue_complaints`,
    above: 0,
    lasting: '30m',
    severity: 'warning',
  },
];

/** The file that Grafana reads. */
export function alertProvisioning(): object {
  return {
    apiVersion: 1,
    groups: [{ orgId: 1, name: 'fenxiao', folder: '分销 Fenxiao', interval: '1m', rules: alerts.map(rule) }],
  };
}

const expression = { type: '__expr__', uid: '__expr__' };

function rule({ uid, title, summary, sql, above, lasting, severity }: Alert): object {
  const query = { ...new ClickHouseQuery('table', sql).build(), datasource: { ...datasource, uid: alertDatasource } };
  return {
    uid,
    title,
    condition: 'B',
    for: lasting,
    // No dead letters and nothing compared yet are no rows; that nothing is compared any more has a rule of its own.
    noDataState: uid === 'fenxiao-sink-silent' ? 'Alerting' : 'OK',
    execErrState: 'Error',
    annotations: { summary },
    labels: { severity },
    isPaused: false,
    data: [
      { refId: 'A', relativeTimeRange: { from: 3600, to: 0 }, datasourceUid: alertDatasource, model: query },
      {
        refId: 'B',
        relativeTimeRange: { from: 0, to: 0 },
        datasourceUid: expression.uid,
        model: {
          refId: 'B',
          type: 'threshold',
          datasource: expression,
          expression: 'A',
          conditions: [{ type: 'query', evaluator: { type: 'gt', params: [above] }, query: { params: ['A'] } }],
        },
      },
    ],
  };
}
