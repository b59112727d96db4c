/** Starts the embedded ClickHouse as a child process, from sources or compiled, whichever this file is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { writeEnvironment, type ClickHouseOptions } from './environment.js';
import type { RunningClickHouse } from './server.js';

export interface SpawnedClickHouse extends RunningClickHouse {
  pid: number;
}

/**
 * Resolves when it listens. The child ends with this process, however that ends; close() ends it in order.
 *
 * @param log gets each line the child writes to its standard error: JSON for slow and failed queries; ignored if not given
 * @throws Error with what the child said when it ended before it listened
 */
export async function spawnClickHouse(
  options: ClickHouseOptions,
  log?: (line: string) => void,
): Promise<SpawnedClickHouse> {
  const fromSource = import.meta.url.endsWith('.ts');
  const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  const program = fromSource ? ['--import', file('../from-source.ts'), file('./main.ts')] : [file('./main.js')];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...program], {
    env: { ...process.env, NODE_OPTIONS: '', ...writeEnvironment(options), UV_THREADPOOL_SIZE: '16' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  // Not `exit`: what the child said last is read by then.
  const exited = once(child, 'close');
  const said: string[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => {
    if (said.length < 20) said.push(line);
    log?.(line);
  });
  const listening = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const url = /^ClickHouse listens on (\S+)$/.exec(line)?.[1];
      if (url) resolve(url);
    });
  });
  const url = await Promise.race([listening, exited.then(() => undefined)]);
  if (url === undefined) throw new Error(`ClickHouse did not start:\n${said.join('\n')}`);
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid!,
    async close() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
