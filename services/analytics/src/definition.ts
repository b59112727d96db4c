import { fileURLToPath } from 'node:url';
import type { ClickHouseClient } from '@clickhouse/client';
import type { EventLog } from '@fenxiao/messaging/event-log';
import { CONFIG, EVENT_LOG, LOGGER, type ServiceDefinition } from '@fenxiao/service-kit/service';
import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Pool } from 'pg';
import type { Logger } from 'pino';
import { analyticsConfig, type AnalyticsConfig } from './config.js';
import { DashboardsController } from './dashboards.controller.js';
import { Freshness } from './freshness.js';
import { Ledger } from './ledger.js';
import { OperationsController, STORE } from './operations.controller.js';
import { Reconciler, reconciliationToken } from './reconciler.js';
import { Sink } from './sink.js';
import { connect } from './store.js';
import { Viewer } from './viewer.js';

export const migrations = [fileURLToPath(new URL('../migrations', import.meta.url))];

const LEDGER_POOL = Symbol('ledger pool');
const VIEWER_CLIENT = Symbol('viewer client');

/** Connections of the ledger; a half-open one must not hold its row for ever. */
export function ledgerPool(url: string): Pool {
  const pool = new Pool({
    connectionString: url,
    max: 6,
    options: '-c search_path=analytics,public -c timezone=UTC -c idle_in_transaction_session_timeout=180000',
    application_name: 'analytics sink',
  });
  pool.on('error', () => {});
  return pool;
}

const writer = (config: AnalyticsConfig) => ({
  url: config.CLICKHOUSE_URL,
  username: config.CLICKHOUSE_USER,
  password: config.CLICKHOUSE_PASSWORD,
});
const viewer = (config: AnalyticsConfig) => ({
  url: config.CLICKHOUSE_URL,
  username: config.CLICKHOUSE_VIEWER_USER,
  password: config.CLICKHOUSE_VIEWER_PASSWORD,
});

/** Starts what runs beside requests, and stops it in order: the sink finishes its batch before connections go. */
@Injectable()
export class Running implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  #measuring: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: AnalyticsConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Sink) private readonly sink: Sink,
    @Inject(Reconciler) private readonly reconciler: Reconciler,
    @Inject(LEDGER_POOL) private readonly pool: Pool,
    @Inject(STORE) private readonly store: ClickHouseClient,
    @Inject(VIEWER_CLIENT) private readonly viewerClient: ClickHouseClient,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const trouble = (error: unknown) => this.logger.error({ err: error }, 'reconciliation failed, will be tried again');
    await this.sink.start();
    this.reconciler.start(this.config.RECONCILE_EVERY_SECONDS, trouble);
    this.#measuring = setInterval(() => void this.sink.behind().catch(() => {}), 5000);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#measuring);
    await Promise.all([this.reconciler.close(), this.sink.close()]);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.pool.end(), this.store.close(), this.viewerClient.close()]);
  }
}

/** Analytics: carries the event log to ClickHouse, reconciles it, and answers the dashboards. */
export const analytics: ServiceDefinition<AnalyticsConfig> = {
  name: 'analytics',
  config: analyticsConfig,
  procedures: [],
  controllers: [DashboardsController, OperationsController],
  migrations,
  providers: [
    {
      provide: LEDGER_POOL,
      useFactory: (config: AnalyticsConfig) => ledgerPool(config.DATABASE_URL),
      inject: [CONFIG],
    },
    { provide: Ledger, useFactory: (pool: Pool) => new Ledger(pool), inject: [LEDGER_POOL] },
    { provide: STORE, useFactory: (config: AnalyticsConfig) => connect(writer(config)), inject: [CONFIG] },
    {
      provide: VIEWER_CLIENT,
      useFactory: (config: AnalyticsConfig) => connect(viewer(config), 25_000),
      inject: [CONFIG],
    },
    { provide: Viewer, useFactory: (client: ClickHouseClient) => new Viewer(client), inject: [VIEWER_CLIENT] },
    {
      provide: Sink,
      useFactory: (config: AnalyticsConfig, logger: Logger, log: EventLog, ledger: Ledger, client: ClickHouseClient) =>
        new Sink({
          log,
          ledger,
          client,
          intervalMs: config.SINK_INTERVAL_MS,
          batchRows: config.SINK_BATCH_ROWS,
          onTrouble: ({ topic, part, error, stopped }) =>
            (stopped ? logger.fatal : logger.warn).call(
              logger,
              {
                err: error,
                topic,
                part,
              },
              stopped ? 'sink stopped' : 'sink retries',
            ),
        }),
      inject: [CONFIG, LOGGER, EVENT_LOG, Ledger, STORE],
    },
    {
      provide: Reconciler,
      useFactory: (config: AnalyticsConfig, client: ClickHouseClient, log: EventLog, ledger: Ledger, pool: Pool) =>
        new Reconciler({
          client,
          log,
          ledger,
          pool,
          timeZone: config.TIME_ZONE,
          days: config.RECONCILE_DAYS,
          with: config.RECONCILE_WITH,
          token: reconciliationToken(config),
          now: () => new Date(),
        }),
      inject: [CONFIG, STORE, EVENT_LOG, Ledger, LEDGER_POOL],
    },
    {
      provide: Freshness,
      useFactory: (client: ClickHouseClient, sink: Sink) => new Freshness(client, sink, () => new Date()),
      inject: [STORE, Sink],
    },
    Running,
  ],
};
