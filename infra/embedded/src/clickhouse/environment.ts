/** The users and options of the embedded ClickHouse, and how they stand in the environment of its process. */
import { z } from 'zod';

const Limits = z.object({
  /** Longest run of one query, and longest silence in the middle of its body, in seconds; 0 for none. */
  seconds: z.number().nonnegative().optional(),
  /** Memory of one query in bytes; 0 for none but the engine's. */
  memory: z.int().nonnegative().optional(),
  /** Rows of one result; a query with more fails. 0 for any number. */
  rows: z.int().nonnegative().optional(),
});

const defaults = {
  writer: { seconds: 3600, memory: 0, rows: 0 },
  reader: { seconds: 60, memory: 600_000_000, rows: 1_000_000 },
};

const NamedUser = z.object({
  name: z.string().min(1),
  password: z.string(),
  /** A writer may do anything; a reader reads the views of one database. */
  kind: z.enum(['writer', 'reader']),
  /** Where names without a database are looked up; all that a reader sees. It is made at start if missing. */
  database: z.string().regex(/^[A-Za-z_]\w*$/),
  /** A reader that may narrow what it sees further, by the setting `additional_table_filters`. */
  narrows: z.boolean().optional(),
  limits: Limits.optional(),
});

export type NamedUser = z.infer<typeof NamedUser>;
export type User = Omit<NamedUser, 'limits'> & { limits: { seconds: number; memory: number; rows: number } };

export interface ClickHouseOptions {
  /** Folder of the data, made if missing. One process owns it. */
  folder: string;
  users: NamedUser[];
  /** 127.0.0.1 if not given. */
  host?: string;
  /** 0, the default, takes any free port. */
  port?: number;
  /** Memory of the whole engine in bytes; 1.5 GB if not given. */
  maxMemory?: number;
  /** Whether an insert is on the disk before it is confirmed; yes if not given. */
  fsync?: boolean;
}

const flag = z.enum(['0', '1', 'false', 'true']).transform((text) => text === '1' || text === 'true');

const Users = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
});

const Environment = z.object({
  CLICKHOUSE_PORT: z.coerce.number().int().min(0).max(65535).default(8123),
  CLICKHOUSE_HOST: z.string().min(1).default('127.0.0.1'),
  CLICKHOUSE_DATA: z.string().min(1),
  CLICKHOUSE_USERS: Users.pipe(z.array(NamedUser).min(1)),
  CLICKHOUSE_MAX_MEMORY: z.coerce.number().int().min(300_000_000).default(1_500_000_000),
  CLICKHOUSE_FSYNC: flag.default(true),
});

/** @throws Error that names everything wrong with the environment at once. */
export function readEnvironment(environment: NodeJS.ProcessEnv): Required<ClickHouseOptions> {
  const read = Environment.safeParse(environment);
  if (!read.success) throw new Error(`The environment is not right:\n${z.prettifyError(read.error)}`);
  return {
    folder: read.data.CLICKHOUSE_DATA,
    users: read.data.CLICKHOUSE_USERS,
    host: read.data.CLICKHOUSE_HOST,
    port: read.data.CLICKHOUSE_PORT,
    maxMemory: read.data.CLICKHOUSE_MAX_MEMORY,
    fsync: read.data.CLICKHOUSE_FSYNC,
  };
}

/** The inverse of readEnvironment. */
export function writeEnvironment(options: ClickHouseOptions): Record<string, string> {
  return {
    CLICKHOUSE_DATA: options.folder,
    CLICKHOUSE_USERS: JSON.stringify(options.users),
    CLICKHOUSE_HOST: options.host ?? '127.0.0.1',
    CLICKHOUSE_PORT: String(options.port ?? 0),
    CLICKHOUSE_MAX_MEMORY: String(options.maxMemory ?? 1_500_000_000),
    CLICKHOUSE_FSYNC: options.fsync === false ? '0' : '1',
  };
}

/** The user with the limits of its kind where it names none. */
export function withLimits(user: NamedUser): User {
  const { seconds, memory, rows } = defaults[user.kind];
  const own = user.limits ?? {};
  return { ...user, limits: { seconds: own.seconds ?? seconds, memory: own.memory ?? memory, rows: own.rows ?? rows } };
}
