/** The ClickHouse engine in this process: the native part of the package chdb, with one connection per query. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { literal } from './sql.js';

export interface Answer {
  /** What the statement gave out, unless it was sent elsewhere (INTO OUTFILE). */
  bytes: Uint8Array;
  /** Seconds. */
  elapsed: number;
  rowsRead: number;
  bytesRead: number;
}

interface Native {
  CreateConnection(path: string, options?: string[]): object;
  CloseConnection(connection: object): void;
  QueryAsyncConnection(connection: object, sql: string, format: string): Promise<Answer>;
}

/** An error in ClickHouse's terms; `message` reads `Code: 62. DB::Exception: ... (SYNTAX_ERROR)`. */
export class ClickHouseError extends Error {
  readonly code: number;

  constructor(message: string) {
    super(message);
    this.code = Number(/Code: (\d+)/.exec(message)?.[1] ?? 1002);
  }

  static of(code: number, name: string, text: string): ClickHouseError {
    return new ClickHouseError(`Code: ${code}. DB::Exception: ${text}. (${name})`);
  }
}

/**
 * The package's own Session is not used: it puts off closing a connection until every running query of the process has
 * ended, so that one slow query would pile up the connections of all that came after it.
 */
function loadNative(): Native {
  const require = createRequire(import.meta.url);
  const loader = join(dirname(require.resolve('chdb/package.json')), 'dist', 'loader.js');
  return (require(loader) as { loadNative(): Native }).loadNative();
}

export class Engine {
  readonly #native: Native;
  readonly #path: string;
  /** Keeps the engine alive between queries. */
  readonly #owner: object;

  /** @throws Error when another process owns the folder, or the engine cannot start there. */
  constructor(folder: string, maxMemory: number, fsync: boolean) {
    this.#path = join(folder, 'engine');
    mkdirSync(this.#path, { recursive: true });
    const config = join(folder, 'config.xml');
    writeFileSync(config, configuration(join(folder, 'backups'), maxMemory, fsync));
    this.#native = loadNative();
    try {
      this.#owner = this.#native.CreateConnection(this.#path, [`--config-file=${config}`]);
    } catch (cause) {
      throw new Error(`ClickHouse cannot open ${folder}${owner(this.#path)}`, { cause });
    }
  }

  /**
   * Runs statements one after the other on a connection of their own; the answer is the last one's.
   *
   * @param format of rows that the last statement gives out without naming one
   * @throws ClickHouseError
   */
  async run(statements: string[], format = 'TabSeparated'): Promise<Answer> {
    const connection = this.#native.CreateConnection(this.#path);
    try {
      let answer: Answer = { bytes: new Uint8Array(), elapsed: 0, rowsRead: 0, bytesRead: 0 };
      for (const sql of statements) answer = await this.#native.QueryAsyncConnection(connection, sql, format);
      return answer;
    } catch (error) {
      throw new ClickHouseError(error instanceof Error ? error.message : String(error));
    } finally {
      this.#native.CloseConnection(connection);
    }
  }

  /** The first column of the rows. */
  async names(sql: string): Promise<string[]> {
    const { bytes } = await this.run([sql], 'TSVRaw');
    return Buffer.from(bytes).toString().split('\n').slice(0, -1);
  }

  /**
   * Asks the queries with this `log_comment`, or all, to stop. They do so at their next block; SYNC would wait for that and
   * can hang.
   */
  async cancel(mark?: string): Promise<void> {
    const which = mark === undefined ? '1' : `Settings['log_comment'] = ${literal(mark)}`;
    await this.run([`KILL QUERY WHERE ${which} ASYNC`]);
  }

  /** To be called when nothing runs any more. */
  close(): void {
    this.#native.CloseConnection(this.#owner);
  }
}

/**
 * What ClickHouse leaves free of its disk. A merge that meets a full disk in the middle has been seen to put a part of empty
 * files in place of its sources, until the next start; one that finds too little room does not begin.
 */
const KEEP_FREE_BYTES = 64 * 1024 * 1024;

function configuration(backups: string, maxMemory: number, fsync: boolean): string {
  const on = fsync ? 1 : 0;
  return `<clickhouse>
  <max_server_memory_usage>${maxMemory}</max_server_memory_usage>
  <mark_cache_size>${Math.floor(maxMemory / 10)}</mark_cache_size>
  <merge_tree><fsync_after_insert>${on}</fsync_after_insert><fsync_part_directory>${on}</fsync_part_directory></merge_tree>
  <storage_configuration><disks><default><keep_free_space_bytes>${KEEP_FREE_BYTES}</keep_free_space_bytes></default></disks></storage_configuration>
  <backups><allowed_path>${backups.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}/</allowed_path></backups>
</clickhouse>
`;
}

/** The engine's file `status` is locked while a process has the folder open, and tells its number. */
function owner(path: string): string {
  try {
    const pid = Number(/^PID: (\d+)/m.exec(readFileSync(join(path, 'status'), 'utf8'))?.[1]);
    if (pid === process.pid) return '';
    process.kill(pid, 0);
    return `: process ${pid} has it open. Stop that one first.`;
  } catch {
    return '';
  }
}
