import { baseConfig } from '@fenxiao/service-kit/config';
import { z } from 'zod';

/** What analytics is told beside what every service is. */
export const analyticsConfig = baseConfig.extend({
  CLICKHOUSE_URL: z.url({ protocol: /^https?$/ }),
  /** a writer of the database fenxiao */
  CLICKHOUSE_USER: z.string().min(1),
  CLICKHOUSE_PASSWORD: z.string(),
  /** who runs the dashboards' queries: a user that may only read, and set `additional_table_filters` */
  CLICKHOUSE_VIEWER_USER: z.string().min(1),
  CLICKHOUSE_VIEWER_PASSWORD: z.string(),
  /** least time from the beginning of an insert to that of the next, unless a batch is full */
  SINK_INTERVAL_MS: z.coerce.number().int().min(0).max(10_000).default(200),
  /** rows of one insert at most; memory grows with it: some 400 MB at 20,000 rows of a kilobyte while catching up */
  SINK_BATCH_ROWS: z.coerce.number().int().min(1).max(200_000).default(20_000),
  /** how often the store is compared with the log; 0: never */
  RECONCILE_EVERY_SECONDS: z.coerce.number().int().min(0).default(300),
  /** how many days back */
  RECONCILE_DAYS: z.coerce.number().int().min(1).default(7),
  /** addresses that answer [{ basis, day, net, lines }] for ?from=&to=: the services' own sums, separated by commas */
  RECONCILE_WITH: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((url) => url.trim())
        .filter(Boolean),
    )
    .pipe(z.array(z.url())),
  /** the account that asks them (client credentials) */
  RECONCILE_TOKEN_URL: z.url().optional(),
  RECONCILE_CLIENT_ID: z.string().default('fenxiao-reconciliation'),
  RECONCILE_CLIENT_SECRET: z.string().default(''),
});
export type AnalyticsConfig = z.infer<typeof analyticsConfig>;
