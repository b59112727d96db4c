import { expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessLog } from './process-log.js';

it('keeps a log and three older ones, echoes whole lines, and remembers the last', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fenxiao-log-'));
  const echoed: string[] = [];
  const log = new ProcessLog(folder, 'orders', (line) => echoed.push(line), 1000);
  log.write('half a ');
  log.write('line\nsecond\nthi');
  expect(echoed).toEqual(['[orders] half a line', '[orders] second']);
  log.write('rd\n');
  expect(log.lastLines()).toBe('half a line\nsecond\nthird');
  for (let n = 0; n < 100; n++) log.write(`${'x'.repeat(99)}\n`);
  log.close();
  expect((await readdir(folder)).toSorted()).toEqual(['orders.log', 'orders.log.1', 'orders.log.2', 'orders.log.3']);
  for (const name of await readdir(folder)) expect((await stat(join(folder, name))).size).toBeLessThan(1200);
  expect(echoed).toHaveLength(103);

  const again = new ProcessLog(folder, 'orders');
  const before = await readFile(again.file, 'utf8');
  again.write('appended\n');
  again.close();
  expect(await readFile(again.file, 'utf8')).toBe(`${before}appended\n`);
  await rm(folder, { recursive: true });
});

const full = existsSync('/dev/full');
if (!full) process.stdout.write('skipped: a full disk, /dev/full is not there\n');
(full ? it : it.skip)('loses what a full disk does not take, and goes on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fenxiao-log-'));
  await symlink('/dev/full', join(folder, 'orders.log'));
  const log = new ProcessLog(folder, 'orders');
  log.write('no space left\n');
  log.close();
  expect(log.lastLines()).toBe('no space left');
  await rm(folder, { recursive: true });
});
