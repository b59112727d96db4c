import { setTimeout as delay } from 'node:timers/promises';
import { Gauge } from 'prom-client';
import type { ClickHouseClient } from '@clickhouse/client';
import type { EventLog, PartitionEnd } from '@fenxiao/messaging/event-log';
import { clientToken, type Token } from '@fenxiao/service-kit/client-token';
import type { Pool } from 'pg';
import type { AnalyticsConfig } from './config.js';
import type { Ledger } from './ledger.js';
import {
  compareFacts,
  compareLog,
  compareMoney,
  compareService,
  holds,
  ServiceSums,
  type Comparison,
  type Scope,
} from './reconcile.js';
import { sinkTopics } from './sink.js';

interface Options {
  readonly client: ClickHouseClient;
  readonly log: EventLog;
  readonly ledger: Ledger;
  /** of which one connection holds the lock that lets one process reconcile at a time */
  readonly pool: Pool;
  readonly timeZone: string;
  readonly days: number;
  /** services that report their own sums */
  readonly with: readonly string[];
  /** of the account that asks them */
  readonly token?: Token | undefined;
  readonly now: () => Date;
  /** how long the sink may take to catch up with what the log has now */
  readonly settleMs?: number;
}

/** How analytics asks the services; undefined: as nobody. */
export const reconciliationToken = (config: AnalyticsConfig): Token | undefined =>
  config.RECONCILE_TOKEN_URL === undefined
    ? undefined
    : clientToken(config.RECONCILE_TOKEN_URL, config.RECONCILE_CLIENT_ID, config.RECONCILE_CLIENT_SECRET);

/** Runs all comparisons, writes them down in `reconciliation`, and keeps the gauges an alarm looks at. */
export class Reconciler {
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;

  constructor(private readonly options: Options) {}

  start(everySeconds: number, onTrouble: (error: unknown) => void): void {
    const { signal } = this.#closing;
    const loop = async () => {
      while (!signal.aborted) {
        await delay(everySeconds * 1000, undefined, { signal }).catch(() => {});
        if (!signal.aborted) await this.runAlone().catch(onTrouble);
      }
    };
    if (everySeconds > 0) this.#running ??= loop();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  /** @returns undefined when another process is at it */
  async runAlone(): Promise<Comparison[] | undefined> {
    const client = await this.options.pool.connect();
    try {
      const { rows } = await client.query<{ mine: boolean }>(
        `SELECT pg_try_advisory_lock(hashtext('analytics reconcile')) AS mine`,
      );
      return rows[0]!.mine ? await this.run() : undefined;
    } finally {
      client.release(true);
    }
  }

  async run(): Promise<Comparison[]> {
    const { client, now, timeZone, days } = this.options;
    const dateOf = (at: Date) => at.toLocaleDateString('sv', { timeZone });
    const to = dateOf(now());
    const scope: Scope = { from: dateOf(new Date(now().getTime() - days * 86_400_000)), to, timeZone };
    const found = await lasting(async () => [
      ...(await compareLog(client, await this.#settled())),
      ...(await compareFacts(client, scope)),
      ...(await compareMoney(client, scope)),
    ]);
    // A service that does not answer must not hide what was found without it.
    const services = await Promise.allSettled(this.options.with.map((address) => this.#service(address, scope)));
    found.push(...services.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : [])));
    const checkedAt = now().toISOString().replace('T', ' ').replace('Z', '');
    await client.insert({
      table: 'reconciliation',
      columns: ['checked_at', 'check', 'topic', 'basis', 'day', 'expected', 'actual'],
      values: found.map((row) => ({ checked_at: checkedAt, ...row })),
      format: 'JSONEachRow',
    });
    for (const check of ['completeness', 'duplicates', 'facts', 'money', 'services'] as const)
      differences.set({ check }, found.filter((row) => row.check === check && !holds(row)).length);
    lastRun.set(now().getTime() / 1000);
    const failed = services.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
    if (failed.length > 0) throw new AggregateError(failed, 'services did not report their sums');
    return found;
  }

  /** The ends of the log now, once the sink has had time to reach them. */
  async #settled(): Promise<readonly PartitionEnd[]> {
    const { log, ledger, settleMs = 30_000 } = this.options;
    const ends = await log.ends(sinkTopics);
    const deadline = performance.now() + settleMs;
    while (performance.now() < deadline && !this.#closing.signal.aborted) {
      const marks = new Map((await ledger.marks()).map(({ topic, part, applied }) => [`${topic}/${part}`, applied]));
      if (ends.every(({ topic, part, next }) => (marks.get(`${topic}/${part}`) ?? 0n) >= next - 1n)) break;
      await delay(100);
    }
    return ends;
  }

  /** Days on which something is booked while we look can't be compared: their sums are not the same before and after. */
  async #service(address: string, scope: Scope): Promise<Comparison[]> {
    const { origin } = new URL(address);
    const before = await this.#sums(address, scope);
    await this.#settled();
    return compareService(this.options.client, origin, before, scope, async () => {
      const after = await this.#sums(address, scope);
      const keyOf = ({ basis, day, net }: ServiceSums[number]) => `${basis} ${day} ${net}`;
      const differing = new Set(before.map(keyOf)).symmetricDifference(new Set(after.map(keyOf)));
      return new Set([...differing].map((key) => key.split(' ', 2).join(' ')));
    });
  }

  async #sums(address: string, scope: Scope): Promise<ServiceSums> {
    const { token } = this.options;
    const url = new URL(address);
    url.searchParams.set('from', scope.from);
    url.searchParams.set('to', scope.to);
    const headers: Record<string, string> = token ? { authorization: `Bearer ${await token.current()}` } : {};
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(30_000) });
    if (!answer.ok) throw new Error(`${url.origin}${url.pathname} answered ${answer.status}`);
    return ServiceSums.parse(await answer.json());
  }
}

/**
 * What two queries one after the other say may differ because a batch came in between. What differs in one attempt and
 * not in another is no difference.
 */
async function lasting(compare: () => Promise<Comparison[]>, attempts = 4): Promise<Comparison[]> {
  const keyOf = ({ check, topic, basis, day }: Comparison) => JSON.stringify([check, topic, basis, day]);
  const held = new Map<string, Comparison>();
  let suspects = new Set<string>();
  for (let attempt = 1; ; attempt++) {
    const found = await compare();
    for (const row of found) if (holds(row)) held.set(keyOf(row), row);
    const differing = new Set(found.filter((row) => !holds(row)).map(keyOf));
    suspects = attempt === 1 ? differing : suspects.intersection(differing);
    if (suspects.size === 0 || attempt === attempts)
      return found.flatMap((row) => {
        if (holds(row) || suspects.has(keyOf(row))) return [row];
        const before = held.get(keyOf(row));
        return before ? [before] : [];
      });
    await delay(100);
  }
}

const differences = new Gauge({
  name: 'reconciliation_differences',
  help: 'Comparisons that did not hold in the last run (K-X04, K-X05)',
  labelNames: ['check'],
});
const lastRun = new Gauge({ name: 'reconciliation_last_run_seconds', help: 'Unix time of the last run' });
