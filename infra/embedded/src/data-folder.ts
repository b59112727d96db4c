import { chmod, mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { endLeftOverPostgres } from './postgres.js';
import { end, remember } from './processes.js';
import { newSecrets, Secrets } from './secrets.js';

/** A step that takes a data folder from one format to the next. It may be repeated after a failure, so it must bear that. */
export type Upgrade = (folder: string) => Promise<void>;

/** The first takes format 1 to 2, the second 2 to 3, and so on. */
const upgrades: Upgrade[] = [];

const Format = z.object({
  /** Version of the layout of the folder and of what is in it. */
  format: z.int().positive(),
  created: z.iso.datetime(),
  /** What the folder was made with. */
  content: z.enum(['demonstration', 'empty']),
  /** False until the demonstration data has been loaded to its end. */
  loaded: z.boolean(),
});
export type Format = z.infer<typeof Format>;

const Running = z.object({
  url: z.string(),
  ports: z.record(z.string(), z.int()),
  processes: z.record(z.string(), z.object({ pid: z.int(), start: z.string() })),
});
/** What run.json says while the stack runs: where everything is, for the other npm scripts and for `status`. */
export type Running = z.infer<typeof Running>;

export interface DataFolder {
  path: string;
  format: Format;
  secrets: Secrets;
  writeFormat(format: Format): Promise<void>;
  writeRunning(running: Running): Promise<void>;
  clearRunning(): Promise<void>;
  /** Gives the folder free for another process. */
  close(): void;
}

export interface OpenOptions {
  /** Names of the services that need a password for PostgreSQL. */
  services: string[];
  /** What to note in a folder that is made now. */
  content: Format['content'];
  /** Only for tests: the upgrades to know of. */
  upgrades?: Upgrade[];
}

/**
 * Opens the data folder for this process alone, making or upgrading it where needed. Processes that a killed supervisor
 * left behind are ended first.
 *
 * @throws when another process has it open (its pid and how to stop it are in the message), when it was written by a newer
 *   version, when it is a folder with other things in it, or when this user may not write there.
 */
export async function openDataFolder(folder: string, options: OpenOptions): Promise<DataFolder> {
  const known = options.upgrades ?? upgrades;
  const current = known.length + 1;
  const lock = await lockDataFolder(folder);
  try {
    const path = await realpath(folder);
    let format = (await readFormat(path)) ?? {
      format: current,
      created: new Date().toISOString(),
      content: options.content,
      loaded: options.content === 'empty',
    };
    const writeFormat = (changed: Format) => writeJson(join(path, 'format.json'), (format = changed));
    if (format.format > current) throw new Error(newerFormat(path, format.format, current));
    while (format.format < current) {
      await known[format.format - 1]?.(path);
      await writeFormat({ ...format, format: format.format + 1 });
    }
    await writeFormat(format);

    const file = join(path, 'secrets.json');
    const secrets = await newSecrets(Secrets.partial().parse((await readJson(file)) ?? {}), options.services);
    await writeJson(file, secrets);
    for (const name of ['logs', 'cache', 'clickhouse']) await mkdir(join(path, name), { recursive: true, mode: 0o700 });
    return {
      path,
      get format() {
        return format;
      },
      secrets,
      writeFormat,
      writeRunning: (running) => writeJson(join(path, 'run.json'), running),
      clearRunning: () => rm(join(path, 'run.json'), { force: true }),
      close: () => lock.close(),
    };
  } catch (error) {
    lock.close();
    throw explained(error, folder);
  }
}

const newerFormat = (path: string, format: number, current: number) =>
  `The data folder ${path} has format ${format}, but this version of Fenxiao knows formats up to ${current}: ` +
  'update Fenxiao, or choose another folder with --data.';

/**
 * Holds the folder against every other process until closed or until this process dies, however it dies. The lock is the
 * operating system's, by way of SQLite: a write transaction left open. The file tells others who holds it.
 */
export async function lockDataFolder(folder: string): Promise<{ path: string; close(): void }> {
  const path = resolve(folder);
  const lockFile = join(path, 'lock');
  let database: DatabaseSync | undefined;
  try {
    // Others may pass but not look: as root, PostgreSQL's folder in it may have to belong to another account.
    if ((await mkdir(path, { recursive: true, mode: 0o711 })) !== undefined) await chmod(path, 0o711);
    const { uid } = await stat(path);
    if (process.getuid?.() === 0 && uid !== 0) {
      throw new Error(
        `The data folder ${path} belongs to user ${uid}, who could not read any more what root writes there: ` +
          `run as that user, or choose another one with --data.`,
      );
    }
    const entries = await readdir(path);
    if (entries.some((name) => !/^lock/.test(name)) && !entries.includes('format.json')) {
      throw new Error(`${path} is not empty and not a data folder of Fenxiao: choose another one with --data.`);
    }
    // A process that has just been killed may hold it for a moment more.
    database = new DatabaseSync(lockFile, { timeout: 300 });
    await chmod(lockFile, 0o600);
    database.exec('create table if not exists holder (pid int, start text); begin immediate; delete from holder');
    const { pid, start } = remember(process.pid);
    database.prepare('insert into holder values (?, ?)').run(pid, start);
    // Committed to be seen, and taken again at once; whoever comes first in between has it, and the other gives way.
    database.exec('commit; begin immediate');
    await endLeftOvers(path);
    const held = database;
    return { path, close: () => held.close() };
  } catch (error) {
    const busy = (error as { errcode?: number }).errcode === 5;
    const holder = busy ? database?.prepare('select pid from holder').get()?.['pid'] : undefined;
    database?.close();
    if (busy) throw new Error(inUse(path, holder === undefined ? undefined : Number(holder)), { cause: error });
    throw explained(error, path);
  }
}

/** Errors about rights say whose folder it is. */
function explained(error: unknown, path: string): unknown {
  const { code, errcode } = error as { code?: string; errcode?: number };
  const refused = ['EACCES', 'EPERM', 'EROFS'].includes(code ?? '') || errcode === 8 || errcode === 14;
  return refused ? new Error(notOurs(path), { cause: error }) : error;
}

function inUse(path: string, pid: number | undefined): string {
  const who = pid === undefined ? 'another process' : `process ${pid}`;
  return `The data folder ${path} is in use by ${who}. Stop it with Ctrl-C in its terminal${pid ? ` or: kill ${pid}` : ''}.`;
}

const notOurs = (path: string) =>
  `This user may not write to the data folder ${path}: run as the user who made it, or choose another one with --data.`;

/** Ends what a killed supervisor left running. Its children end by themselves when they see it gone; this makes sure. */
async function endLeftOvers(path: string): Promise<void> {
  const running = await readRunning(path);
  const known = Object.entries(running?.processes ?? {}).filter(
    ([name]) => name !== 'supervisor' && name !== 'postgresql',
  );
  await Promise.all(known.map(([, process]) => end(process, 10)));
  await endLeftOverPostgres(join(path, 'postgres'));
  await rm(join(path, 'run.json'), { force: true });
}

/** What run.json in the folder says, whether or not it still holds. */
export async function readRunning(folder: string): Promise<Running | undefined> {
  const json = await readJson(join(folder, 'run.json'));
  return json === undefined ? undefined : Running.parse(json);
}

export async function readSecrets(folder: string): Promise<Secrets> {
  return Secrets.parse(await readJson(join(folder, 'secrets.json')));
}

export async function readFormat(folder: string): Promise<Format | undefined> {
  const json = await readJson(join(folder, 'format.json'));
  return json === undefined ? undefined : Format.parse(json);
}

/** @throws when this version can't read a folder of that format. */
export function assertKnownFormat(folder: string, format: number): void {
  if (format > upgrades.length + 1) throw new Error(newerFormat(folder, format, upgrades.length + 1));
}

/** Deletes everything in the data folder, for ever. A folder that does not exist or is empty is left as it is. */
export async function resetDataFolder(folder: string): Promise<void> {
  if (!(await stat(folder).catch(() => undefined))) return;
  const lock = await lockDataFolder(folder);
  try {
    const entries = (await readdir(folder)).filter((name) => !/^lock/.test(name));
    // The mark of a data folder goes last, so that an interrupted reset can be repeated.
    entries.sort((a, b) => Number(a === 'format.json') - Number(b === 'format.json'));
    for (const name of entries) await rm(join(folder, name), { recursive: true, force: true });
  } finally {
    lock.close();
  }
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${file} is not JSON`, { cause });
  }
}

/** Readable by its owner only; whoever reads it sees the old text or the new one, never half of it. */
async function writeJson(file: string, value: unknown): Promise<void> {
  const beside = `${file}.new`;
  await writeFile(beside, JSON.stringify(value, undefined, 2) + '\n', { mode: 0o600, flush: true });
  await rename(beside, file);
}
