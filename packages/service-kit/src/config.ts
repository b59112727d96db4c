import { readFileSync } from 'node:fs';
import { chinaHolidays, holidaysFromFile, type HolidaySource } from '@fenxiao/domain/holidays';
import { z } from 'zod';

/** A key of 32 bytes, in base64. */
export const key256 = z.base64().refine((text) => Buffer.from(text, 'base64').length === 32, '32 bytes, base64');

/** What every service is told from outside. One schema per service (this, extended); the only reader of the environment. */
export const baseConfig = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65535).default(0),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  DATABASE_POOL: z.coerce.number().int().min(2).max(100).default(10),
  /** where events are read; they are written to PostgreSQL first in any case */
  EVENT_LOG: z.enum(['postgres', 'kafka']).default('postgres'),
  /** `host:port`, comma separated */
  KAFKA_BROKERS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((broker) => broker.trim())
        .filter(Boolean),
    )
    .pipe(z.array(z.string().regex(/^\S+:\d+$/, 'host:port, comma separated'))),
  /** whether the brokers are reached by TLS; files are PEM */
  KAFKA_TLS: z.stringbool().default(false),
  /** authorities to trust instead of the public ones */
  KAFKA_TLS_CA_FILE: z.string().optional(),
  /** a certificate of our own and its key, where brokers ask for them */
  KAFKA_TLS_CERT_FILE: z.string().optional(),
  KAFKA_TLS_KEY_FILE: z.string().optional(),
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).default('scram-sha-512'),
  /** with a password: the client says who it is by SASL */
  KAFKA_USERNAME: z.string().optional(),
  KAFKA_PASSWORD: z.string().optional(),
  OIDC_ISSUER: z.url(),
  /** where the keys are, when the issuer is reached by another address from here */
  OIDC_JWKS_URI: z.url().optional(),
  OIDC_AUDIENCE: z.string().default('fenxiao'),
  /** stands at the head of printed forms */
  COMPANY_NAME: z.string().trim().min(1).max(100).default('分销'),
  CURRENCY: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default('CNY'),
  TIME_ZONE: z.string().default('Asia/Shanghai'),
  /** JSON: `{ "holidays": [...], "workingDays": [...] }`; default: the holidays of China */
  HOLIDAYS_FILE: z.string().optional(),
  /** JSON: procedure → years its documents are kept, where the regulations' are not enough: `{"order": 15}` */
  RETENTION_YEARS: z
    .string()
    .default('{}')
    .transform((text, { addIssue }): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        addIssue('JSON');
        return z.NEVER;
      }
    })
    .pipe(z.record(z.string(), z.int().min(1).max(100))),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  BODY_LIMIT_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .default(2 * 1024 * 1024),
  /** whose word on where a request comes from counts: addresses, networks, or `loopback`, `uniquelocal` by name */
  TRUSTED_PROXIES: z.string().default('loopback'),
  /** how long a client may take to send a whole request */
  REQUEST_TIMEOUT_MS: z.coerce.number().int().min(100).default(30_000),
  REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).default(6000),
  /** how long requests in hand may take once shutdown has begun */
  SHUTDOWN_GRACE_MS: z.coerce.number().int().min(0).default(5000),
  /** subjects somebody may read in an hour before auditor and system administrator are told */
  BULK_READ_LIMIT: z.coerce.number().int().min(1).default(2000),
  /** 32 bytes, base64: wraps the keys that personal fields are sealed by; lost, they are lost */
  PERSONAL_DATA_KEY: key256,
  /** what it was before: keys wrapped by it are wrapped anew at the start */
  PERSONAL_DATA_KEY_PREVIOUS: key256.optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  /** how often due work is looked for */
  JOBS_POLL_SECONDS: z.coerce.number().min(0.5).max(300).default(10),
  /** after how long without a sign of life a process is lost; another takes up its job a minute or two after that */
  JOBS_LOST_SECONDS: z.coerce.number().int().min(10).max(3600).default(60),
  /** days the event log is kept; at least as long as any consumer may be away */
  EVENT_LOG_KEEP_DAYS: z.coerce.number().int().min(2).default(30),
});
export type BaseConfig = z.infer<typeof baseConfig>;

/** @throws Error naming every variable that is missing or wrong, all at once */
export function readConfig<S extends z.ZodType>(schema: S, env: NodeJS.ProcessEnv): z.infer<S> {
  const whole = needs.reduce<z.ZodType>(
    (checked, { path, error, met }) =>
      checked.refine((config) => met(config as BaseConfig), { path: [path], error, when: () => true }),
    schema,
  );
  const result = whole.safeParse(env) as z.ZodSafeParseResult<z.infer<S>>;
  if (result.success) return result.data;
  const lines = result.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new Error(`The configuration is wrong in ${lines.length} place(s):\n${lines.join('\n')}`);
}

/** What needs what. No part of the schema itself: one with conditions between its fields can't be extended. */
const needs: readonly { path: keyof BaseConfig; error: string; met: (config: BaseConfig) => boolean }[] = [
  {
    path: 'KAFKA_BROKERS',
    error: 'needed with EVENT_LOG=kafka',
    met: ({ EVENT_LOG, KAFKA_BROKERS }) => EVENT_LOG !== 'kafka' || KAFKA_BROKERS?.length > 0,
  },
  {
    path: 'KAFKA_PASSWORD',
    error: 'needed with KAFKA_USERNAME, and the other way round',
    met: ({ KAFKA_USERNAME, KAFKA_PASSWORD }) => !KAFKA_USERNAME === !KAFKA_PASSWORD,
  },
  {
    path: 'KAFKA_TLS_KEY_FILE',
    error: 'needed with KAFKA_TLS_CERT_FILE, and the other way round',
    met: ({ KAFKA_TLS_CERT_FILE, KAFKA_TLS_KEY_FILE }) => !KAFKA_TLS_CERT_FILE === !KAFKA_TLS_KEY_FILE,
  },
];

/** The company's own calendar where there is a file, else the law's. */
export const holidaysOf = ({ HOLIDAYS_FILE: file }: Pick<BaseConfig, 'HOLIDAYS_FILE'>): HolidaySource =>
  file ? holidaysFromFile(JSON.parse(readFileSync(file, 'utf8'))) : chinaHolidays();
