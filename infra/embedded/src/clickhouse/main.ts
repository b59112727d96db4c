/** The embedded ClickHouse as a process of its own: options from the environment, one line when it listens, SIGTERM to end. */
import { readEnvironment } from './environment.js';

/** One thread per running query, and some for cancelling, files and compression. */
const threads = 16;

/** libuv reads its number of threads once, before any of our code runs, so a process started with too few starts anew. */
function ensureThreads(): void {
  if (Number(process.env['UV_THREADPOOL_SIZE']) >= threads) return;
  const environment = { ...process.env, UV_THREADPOOL_SIZE: String(threads) };
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], environment);
  throw new Error(`UV_THREADPOOL_SIZE must be ${threads} or more`);
}

async function main(): Promise<void> {
  ensureThreads();
  // The engine takes the zone of times without one from here; its own configuration of it has no effect in chDB.
  process.env['TZ'] = 'UTC';
  const options = readEnvironment(process.env);
  const { startClickHouse } = await import('./server.js');
  const clickhouse = await startClickHouse(options);
  console.log(`ClickHouse listens on ${clickhouse.url}`);
  let ending: Promise<void> | undefined;
  const end = (): void => {
    ending ??= clickhouse.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', end).once('SIGINT', end);
  // A parent that started us with a channel (spawn.ts) takes us along when it is killed.
  process.once('disconnect', end);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
