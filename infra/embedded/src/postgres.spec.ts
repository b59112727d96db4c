import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, chmod, mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { startPostgres, type RunningPostgres } from './postgres.js';
import { isAlive } from './processes.js';

jest.setTimeout(30_000);
const here = dirname(fileURLToPath(import.meta.url));
const running: RunningPostgres[] = [];
const folders: string[] = [];

/** A fresh folder that only its owner may enter: what `mkdtemp` and home folders look like. */
async function closedFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fenxiao-postgres-'));
  await chmod(folder, 0o700);
  folders.push(folder);
  return folder;
}

async function start(folder: string, options: Partial<Parameters<typeof startPostgres>[0]> = {}) {
  const postgres = await startPostgres({ folder, superPassword: "a'b c", durable: false, ...options });
  running.push(postgres);
  return postgres;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const until = async (condition: () => boolean | Promise<boolean>) => {
  while (!(await condition())) await wait(20);
};

afterEach(async () => {
  await Promise.all(running.splice(0).map((postgres) => postgres.stop()));
});
afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

describe('startPostgres', () => {
  it('makes a database in a closed folder, keeps it over a restart and leaves no process', async () => {
    const folder = join(await closedFolder(), 'deeper', 'postgres');
    const first = await start(folder, { durable: true });
    const [settings] = await query(
      first.superuserUrl,
      `select current_setting('data_checksums') as checksums, current_setting('fsync') as fsync, current_setting('jit') as jit,
              current_setting('server_encoding') as encoding, current_setting('max_connections') as connections,
              (select datlocale from pg_database where datname = 'postgres') as locale`,
    );
    expect(settings).toEqual({
      checksums: 'on',
      fsync: 'on',
      jit: 'off',
      encoding: 'UTF8',
      connections: '200',
      locale: 'C.UTF-8',
    });
    await query(first.superuserUrl, `create table kept as select '分销' as word`);
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);

    const second = await start(folder);
    expect(await query(second.superuserUrl, 'select word, upper(word) from kept')).toEqual([
      { word: '分销', upper: '分销' },
    ]);
    const [{ fsync } = {}] = await query(second.superuserUrl, `select current_setting('fsync') as fsync`);
    expect(fsync).toBe('off');
  });

  it('refuses a wrong password and does not listen beyond this machine', async () => {
    const folder = join(await closedFolder(), 'postgres');
    const { superuserUrl, port } = await start(folder, { settings: { work_mem: '5MB' } });
    await expect(query(`postgres://postgres:wrong@127.0.0.1:${port}/postgres`, 'select 1')).rejects.toThrow('password');
    const [row] = await query(
      superuserUrl,
      `select current_setting('listen_addresses') as listens, current_setting('unix_socket_directories') as sockets,
              current_setting('work_mem') as memory`,
    );
    expect(row).toEqual({ listens: '127.0.0.1', sockets: '', memory: '5MB' });
  });

  it('recovers what was committed when the server was killed', async () => {
    const folder = join(await closedFolder(), 'postgres');
    const first = await start(folder, { durable: true });
    await query(first.superuserUrl, 'create table t as select generate_series(1, 1000) as n');
    process.kill(first.pid, 'SIGKILL');
    expect(await first.exited).toContain('SIGKILL');
    const second = await start(folder);
    expect(await query(second.superuserUrl, 'select count(*)::int as n from t')).toEqual([{ n: 1000 }]);
  });

  it('ends with the process that started it, even when that is killed, and starts again', async () => {
    const folder = join(await closedFolder(), 'postgres');
    const script = join(dirname(folder), 'start.ts');
    await writeFile(
      script,
      `import { startPostgres } from ${JSON.stringify(join(here, 'postgres.ts'))};
       const { pid } = await startPostgres({ folder: ${JSON.stringify(folder)}, superPassword: "a'b c", durable: false });
       console.log(pid); setInterval(() => {}, 1000);`,
    );
    const starter = spawn(process.execPath, ['--import', join(here, 'from-source.ts'), script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = Number(await new Promise((done) => starter.stdout.once('data', done)));
    expect(isAlive(pid)).toBe(true);
    await expect(start(folder)).rejects.toThrow(`already runs on ${folder} (pid ${pid})`);

    starter.kill('SIGKILL');
    const second = await start(folder);
    expect(second.pid).not.toBe(pid);
    await until(() => !isAlive(pid));
  });

  it('is not misled by a pid file whose number now belongs to another process', async () => {
    const folder = join(await closedFolder(), 'postgres');
    await (await start(folder)).stop();
    await writeFile(join(folder, 'postmaster.pid'), `${process.pid}\n${folder}\n0\n0\n\n127.0.0.1\n0\nready\n`);
    const { superuserUrl } = await start(folder);
    expect(await query(superuserUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it("says why it can't start: a taken port, a folder full of other things", async () => {
    const taken = createServer();
    await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
    const { port } = taken.address() as { port: number };
    const folder = await closedFolder();
    await expect(start(join(folder, 'postgres'), { port })).rejects.toThrow('Address already in use');
    taken.close();
    await mkdir(join(folder, 'other', 'things'), { recursive: true });
    await expect(start(join(folder, 'other'))).rejects.toThrow('ENOTEMPTY');
  });
});

// Only root has these choices to make; an ordinary user runs the server as himself.
const asRoot = () => {
  it('gives the server neither the rights nor, in a folder of its own, another account than root', async () => {
    const folder = join(await closedFolder(), 'postgres');
    const { pid } = await start(folder);
    expect((await stat(folder)).uid).toBe(0);
    const capabilities = (await readFile(`/proc/${pid}/status`, 'utf8')).match(/CapEff:\s+(\w+)/)?.[1];
    expect(Number.parseInt(capabilities ?? '1', 16)).toBe(0);
    expect(await readlink(`/proc/${pid}/ns/user`)).not.toBe(await readlink('/proc/self/ns/user'));
  });

  it("runs as the owner of a folder in somebody's closed home", async () => {
    const home = await closedFolder();
    // Not `nobody`, who is the fallback for something else.
    const [, daemon] = /^daemon:[^:]*:(\d+):/m.exec(await readFile('/etc/passwd', 'utf8')) ?? [];
    await chown(home, Number(daemon), Number(daemon));
    const { pid, superuserUrl } = await start(join(home, 'data', 'postgres'));
    expect((await stat(`/proc/${pid}`)).uid).toBe(Number(daemon));
    expect(await query(superuserUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('falls back to nobody where namespaces are forbidden, and takes the files along', async () => {
    const folder = await closedFolder();
    await start(join(folder, 'postgres')).then((postgres) => postgres.stop());
    const script = join(folder, 'start.ts');
    await writeFile(
      script,
      `import { statSync } from 'node:fs';
       import { startPostgres } from ${JSON.stringify(join(here, 'postgres.ts'))};
       const folder = ${JSON.stringify(join(folder, 'postgres'))};
       const postgres = await startPostgres({ folder, superPassword: "a'b c", durable: false });
       console.log(statSync('/proc/' + postgres.pid).uid, statSync(folder + '/base').uid);
       await postgres.stop();`,
    );
    // A namespace of its own in which root has all its rights but may make no further namespaces.
    const run = async () => {
      const inside =
        'echo ready; read mapped; echo 0 > /proc/sys/user/max_user_namespaces; exec "$0" --import "$1" "$2"';
      const command = [process.execPath, join(here, 'from-source.ts'), script];
      const child = spawn('unshare', ['-U', '--keep-caps', 'sh', '-c', inside, ...command]);
      // Not earlier: the shell sets its user id to what it found, and with a map between the two it is no longer root.
      await once(child.stdout, 'data');
      for (const map of ['uid_map', 'gid_map']) await writeFile(`/proc/${child.pid}/${map}`, '0 0 65536');
      child.stdin.end('mapped\n');
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return { stdout, stderr };
    };
    expect((await run()).stderr).toContain(`other accounts cannot pass ${folder}`);
    await chmod(folder, 0o711);
    expect(await run()).toEqual({ stdout: '65534 65534\n', stderr: '' });

    await chmod(folder, 0o700);
    const { superuserUrl } = await start(join(folder, 'postgres'));
    expect(await query(superuserUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect((await stat(join(folder, 'postgres', 'base'))).uid).toBe(0);
  });
};
if (process.getuid?.() === 0) describe('startPostgres as root', asRoot);
