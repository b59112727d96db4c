import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@fenxiao/embedded/postgres';

/** One real PostgreSQL for a whole test run, in a temporary folder, without fsync. Jest's global setup and teardown. */
const running = globalThis as { fenxiaoStack?: { stop(): Promise<void> } };

export async function setup(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fenxiao-test-'));
  const postgres = await startPostgres({
    folder: join(folder, 'postgres'),
    superPassword: 'test',
    durable: false,
    settings: { max_connections: 400 },
  });
  process.env['TEST_POSTGRES_URL'] = postgres.superuserUrl;
  running.fenxiaoStack = {
    stop: async () => {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const teardown = async (): Promise<void> => running.fenxiaoStack?.stop();
