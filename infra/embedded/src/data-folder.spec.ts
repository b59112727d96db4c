import { afterAll, describe, expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create } from 'tar';
import { backup, restore } from './backup.js';
import { openDataFolder, readRunning, resetDataFolder, type OpenOptions } from './data-folder.js';
import { Plan } from './plan.js';
import { isAlive, remember } from './processes.js';

const here = dirname(fileURLToPath(import.meta.url));
const parent = await mkdtemp(join(tmpdir(), 'fenxiao-data-'));
let count = 0;
const aFolder = () => join(parent, `data-${++count}`);
const open = (folder: string, options: Partial<OpenOptions> = {}) =>
  openDataFolder(folder, { services: ['orders'], content: 'empty', ...options });

/** Another process that opens the folder and keeps it open; resolves with what it says first. */
async function otherProcess(folder: string) {
  const script = `
    import { openDataFolder } from ${JSON.stringify(join(here, 'data-folder.ts'))};
    await openDataFolder(${JSON.stringify(folder)}, { services: [], content: 'empty' }).then(
      () => { console.log('open'); setInterval(() => {}, 1000); }, (error) => console.log(error.message));`;
  const child = spawn(
    process.execPath,
    ['--import', join(here, 'from-source.ts'), '--input-type=module', '-e', script],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: said.toString().trim() };
}

afterAll(() => rm(parent, { recursive: true, force: true }));

describe('openDataFolder', () => {
  it('makes secrets once, keeps them, adds what a new service needs, and lets nobody else read them', async () => {
    const folder = aFolder();
    const first = await open(folder);
    first.close();
    const second = await open(folder, { services: ['orders', 'planning'] });
    second.close();
    expect(second.secrets).toEqual({
      ...first.secrets,
      postgres: {
        ...first.secrets.postgres,
        roles: { ...first.secrets.postgres.roles, planning: expect.stringMatching(/^[\w-]{43}$/) },
      },
    });
    expect(first.secrets.postgres.roles['orders']).not.toBe(first.secrets.postgres.roles['identity']);
    expect(first.secrets.identity.clients['fenxiao-import'].account).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    for (const file of ['secrets.json', 'format.json', 'lock']) {
      expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
    }
  });

  it('refuses a second copy, says who has it, and is free again after kill -9', async () => {
    const folder = aFolder();
    const mine = await open(folder);
    const refused = `The data folder ${folder} is in use by process ${process.pid}. Stop it with Ctrl-C in its terminal or: kill ${process.pid}.`;
    expect((await otherProcess(folder)).said).toBe(refused);
    await expect(open(folder)).rejects.toThrow(refused);
    mine.close();

    const { child, said } = await otherProcess(folder);
    expect(said).toBe('open');
    await expect(open(folder)).rejects.toThrow(`in use by process ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    (await open(folder)).close();
  });

  it('ends the processes a killed supervisor left behind, but not another one that got the number', async () => {
    const folder = aFolder();
    const data = await open(folder);
    const orphan = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const innocent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const processes = { orders: remember(orphan.pid ?? 0), planning: { pid: innocent.pid ?? 0, start: 'long ago' } };
    await data.writeRunning({ url: 'http://127.0.0.1:1', ports: {}, processes });
    data.close();
    (await open(folder)).close();
    expect([isAlive(orphan.pid ?? 0), isAlive(innocent.pid ?? 0)]).toEqual([false, true]);
    expect(await readRunning(folder)).toBeUndefined();
    innocent.kill();
  });

  it('upgrades an older format step by step and refuses a newer one', async () => {
    const folder = aFolder();
    (await open(folder)).close();
    const step = (name: string) => (path: string) => appendFile(join(path, 'steps'), name);
    (await open(folder, { upgrades: [step('one '), step('two ')] })).close();
    (await open(folder, { upgrades: [step('one '), step('two '), step('three ')] })).close();
    expect(await readFile(join(folder, 'steps'), 'utf8')).toBe('one two three ');
    await expect(open(folder)).rejects.toThrow('has format 4, but this version of Fenxiao knows formats up to 1');
  });

  it('leaves a folder with other things in it alone', async () => {
    const folder = aFolder();
    await mkdir(folder);
    await writeFile(join(folder, 'thesis.txt'), 'all of it');
    await expect(open(folder)).rejects.toThrow('not a data folder of Fenxiao');
    await expect(resetDataFolder(folder)).rejects.toThrow('not a data folder of Fenxiao');
    expect(await readdir(folder)).toEqual(['thesis.txt']);
  });

  it('is reset to nothing, but not while in use', async () => {
    const folder = aFolder();
    const data = await open(folder);
    await expect(resetDataFolder(folder)).rejects.toThrow('in use');
    data.close();
    await resetDataFolder(folder);
    expect(await readdir(folder)).toEqual(['lock']);
    const again = await open(folder);
    again.close();
    expect(again.secrets.postgres.superuser).not.toBe(data.secrets.postgres.superuser);
  });
});

describe('backup and restore', () => {
  async function aFullFolder() {
    const folder = aFolder();
    const data = await open(folder);
    data.close();
    await mkdir(join(folder, 'postgres', 'pg_notify'), { recursive: true, mode: 0o700 });
    await writeFile(join(folder, 'postgres', 'postmaster.opts'), 'x'.repeat(100_000));
    await mkdir(join(folder, 'clickhouse', 'data'), { recursive: true });
    await symlink('../../postgres', join(folder, 'clickhouse', 'data', 'link'));
    spawnSync('mkfifo', [join(folder, 'clickhouse', 'pipe')]);
    await writeFile(join(folder, 'run.json'), '{"url":"","ports":{},"processes":{}}');
    return { folder, data, file: `${folder}.tar.gz` };
  }

  it('brings back every file, link, empty folder and mode', async () => {
    const { folder, data, file } = await aFullFolder();
    const { files } = await backup(folder, file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const other = aFolder();
    expect((await restore(file, other)).files).toBe(files);
    expect((await readdir(other)).toSorted()).toEqual([
      'clickhouse',
      'format.json',
      'logs',
      'postgres',
      'secrets.json',
    ]);
    expect(await readdir(join(other, 'postgres'))).toEqual(['pg_notify', 'postmaster.opts']);
    expect((await stat(join(other, 'postgres', 'pg_notify'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(other, 'clickhouse'))).toEqual(['data']);
    expect((await lstat(join(other, 'clickhouse', 'data', 'link'))).isSymbolicLink()).toBe(true);
    const opened = await open(other);
    opened.close();
    expect(opened.secrets).toEqual(data.secrets);
  });

  it('has the files that complaints is told to keep', async () => {
    const { folder, data, file } = await aFullFolder();
    const options = { root: here, data: folder, content: 'empty', port: 0, host: '127.0.0.1', say: () => {} } as const;
    const plan = await Plan.make(options, data, ['complaints']);
    const { ATTACHMENT_FOLDER: attachments = '' } = plan.forService('complaints');
    expect(plan.forService('console')).not.toHaveProperty('ATTACHMENT_FOLDER');
    await mkdir(join(attachments, 'complaint', '1'), { recursive: true, mode: 0o700 });
    await writeFile(join(attachments, 'complaint', '1', 'abc'), 'a photograph', { mode: 0o600 });
    await backup(folder, file);
    const other = aFolder();
    await restore(file, other);
    const kept = join(other, relative(folder, attachments), 'complaint', '1', 'abc');
    expect(await readFile(kept, 'utf8')).toBe('a photograph');
    expect((await stat(kept)).mode & 0o777).toBe(0o600);
  });

  it('refuses while in use, and to overwrite', async () => {
    const { folder, file } = await aFullFolder();
    const data = await open(folder);
    await expect(backup(folder, file)).rejects.toThrow('in use');
    data.close();
    await backup(folder, file);
    await expect(backup(folder, file)).rejects.toThrow('already exists');
    await expect(restore(file, folder)).rejects.toThrow('not empty');
  });

  it('takes nothing from a backup that is damaged, cut off or changed', async () => {
    const { folder, file } = await aFullFolder();
    await backup(folder, file);
    const target = aFolder();
    const bytes = await readFile(file);
    const cut = `${file}.cut`;
    await writeFile(cut, bytes.subarray(0, bytes.length / 2));
    await expect(restore(cut, target)).rejects.toThrow("can't be restored");

    const changed = aFolder();
    await restore(file, changed);
    await writeFile(join(changed, 'manifest.json'), JSON.stringify({ format: 1, created: new Date(), files: {} }));
    const forged = `${file}.forged`;
    await create({ file: forged, cwd: changed, gzip: true }, ['manifest.json', 'secrets.json']);
    await expect(restore(forged, target)).rejects.toThrow('secrets.json is in it but not in its manifest');

    await expect(stat(target)).rejects.toThrow('ENOENT');
    expect((await readdir(parent)).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});
