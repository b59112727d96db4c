/** Counters of the embedded ClickHouse in Prometheus' text form. */
import type { Lane } from './lane.js';
import type { Progress } from './query.js';

export type Outcome = 'ok' | 'failed' | 'refused' | 'cancelled' | 'busy';

export class Metrics {
  readonly #queries = new Map<string, { count: number; seconds: number }>();

  count(kind: Progress['kind'], outcome: Outcome, seconds: number): void {
    const labels = `kind="${kind}",outcome="${outcome}"`;
    const sum = this.#queries.get(labels) ?? { count: 0, seconds: 0 };
    this.#queries.set(labels, { count: sum.count + 1, seconds: sum.seconds + seconds });
  }

  text(lanes: Record<string, Lane>): string {
    const queries = [...this.#queries];
    const each = Object.entries(lanes);
    return [
      '# TYPE clickhouse_queries_total counter',
      ...queries.map(([labels, { count }]) => `clickhouse_queries_total{${labels}} ${count}`),
      '# TYPE clickhouse_query_seconds_total counter',
      ...queries.map(([labels, { seconds }]) => `clickhouse_query_seconds_total{${labels}} ${seconds.toFixed(6)}`),
      '# TYPE clickhouse_slots_active gauge',
      ...each.map(([name, lane]) => `clickhouse_slots_active{lane="${name}"} ${lane.active}`),
      '# TYPE clickhouse_slots_waiting gauge',
      ...each.map(([name, lane]) => `clickhouse_slots_waiting{lane="${name}"} ${lane.waiting}`),
      '# TYPE process_resident_memory_bytes gauge',
      `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
      '',
    ].join('\n');
  }
}
