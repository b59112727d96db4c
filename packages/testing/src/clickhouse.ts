import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnClickHouse, type SpawnedClickHouse } from '@fenxiao/embedded/clickhouse/spawn';

/** The users of the embedded stack; each has its name as its password. */
export const clickHouseUsers = [
  { name: 'analytics', kind: 'writer', database: 'fenxiao' },
  { name: 'viewer', kind: 'reader', database: 'fenxiao', narrows: true },
  { name: 'dashboards', kind: 'reader', database: 'dashboards' },
  { name: 'analyst', kind: 'reader', database: 'analyst' },
] as const;
export type ClickHouseUser = (typeof clickHouseUsers)[number]['name'];

export interface TestClickHouse {
  readonly url: string;
  readonly folder: string;
  pid(): number;
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** on the same port, with what is on disk */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A real ClickHouse of a suite's own, empty. `fsync`: what is in survives a power cut, as in the embedded stack. */
export async function startClickHouse({ fsync = false } = {}): Promise<TestClickHouse> {
  const folder = await mkdtemp(join(tmpdir(), 'fenxiao-clickhouse-'));
  const users = clickHouseUsers.map((user) => ({ ...user, password: user.name }));
  const start = (port = 0) => spawnClickHouse({ folder, port, fsync, users });
  let running: SpawnedClickHouse = await start();
  return {
    url: running.url,
    folder,
    pid: () => running.pid,
    stop: () => running.close(),
    kill: async () => {
      process.kill(running.pid, 'SIGKILL');
      await running.close();
    },
    restart: async () => {
      running = await start(running.port);
    },
    close: async () => {
      await running.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
