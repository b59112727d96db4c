import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { create, extract } from 'tar';
import { z } from 'zod';
import { assertKnownFormat, lockDataFolder, readFormat } from './data-folder.js';

const Entry = z.object({ size: z.int(), sha256: z.string() });
const Manifest = z.object({ format: z.int(), created: z.iso.datetime(), files: z.record(z.string(), Entry) });
type Manifest = z.infer<typeof Manifest>;

const manifestName = 'manifest.json';
/** What belongs to this machine or this moment and is made again. */
const notKept = new Set(['lock', 'lock-journal', 'run.json', 'cache', manifestName]);

/**
 * Writes the whole data folder into a gzipped tar file, with a manifest of every file's size and SHA-256. The file holds
 * every secret of the installation: only its owner can read it, keep it like one.
 *
 * @returns the number of files and bytes in it
 * @throws while the stack runs on the folder, and when `file` already exists.
 */
export async function backup(folder: string, file: string): Promise<{ files: number; bytes: number }> {
  if (await stat(file).catch(() => undefined)) throw new Error(`${file} already exists.`);
  const format = await readFormat(folder);
  if (!format) throw new Error(`${folder} is not a data folder of Fenxiao.`);
  const lock = await lockDataFolder(folder);
  const unfinished = `${resolve(file)}.unfinished`;
  const manifestFile = join(folder, manifestName);
  try {
    const entries = (await readdir(folder)).filter((name) => !notKept.has(name));
    const files = await checksums(folder, entries);
    const manifest: Manifest = { format: format.format, created: new Date().toISOString(), files };
    await writeFile(manifestFile, JSON.stringify(manifest), { mode: 0o600 });
    await writeFile(unfinished, '', { mode: 0o600, flag: 'wx' });
    const filter = (_: string, entry: object) => isKept(entry as Stats);
    await create({ file: unfinished, cwd: folder, gzip: { level: 3 }, filter }, [manifestName, ...entries]);
    await rename(unfinished, file);
    return { files: Object.keys(files).length, bytes: (await stat(file)).size };
  } finally {
    await rm(unfinished, { force: true });
    await rm(manifestFile, { force: true });
    lock.close();
  }
}

/**
 * Makes a data folder from a backup, after every file in it has been compared with the manifest.
 *
 * @throws when something is already in the folder, when the backup is damaged or not complete (nothing is left behind
 *   then), and when it was written by a newer version.
 */
export async function restore(file: string, folder: string): Promise<{ files: number; created: string }> {
  const target = resolve(folder);
  const present = await readdir(target).catch(() => []);
  if (present.length > 0)
    throw new Error(`${target} is not empty: choose another folder with --data, or empty it first.`);
  await mkdir(dirname(target), { recursive: true });
  const beside = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
  const data = join(beside, 'data');
  try {
    await mkdir(data, { mode: 0o711 });
    await extract({ file, cwd: data, strict: true });
    const text = await readFile(join(data, manifestName), 'utf8').catch(() => undefined);
    if (text === undefined) throw new Error('it has no manifest');
    const manifest = Manifest.parse(JSON.parse(text));
    await rm(join(data, manifestName));
    compare(manifest.files, await checksums(data, await readdir(data)));
    assertKnownFormat(target, manifest.format);
    await rmdir(target).catch(() => undefined);
    await rename(data, target);
    return { files: Object.keys(manifest.files).length, created: manifest.created };
  } catch (cause) {
    throw new Error(`${file} can't be restored: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  } finally {
    // After a damaged file the unpacking may still be writing for a moment.
    await rm(beside, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

function compare(expected: Manifest['files'], found: Manifest['files']): void {
  for (const [path, { size, sha256 }] of Object.entries(expected)) {
    if (!found[path]) throw new Error(`${path} is missing in it`);
    if (found[path].size !== size || found[path].sha256 !== sha256) throw new Error(`${path} is damaged in it`);
  }
  const more = Object.keys(found).find((path) => !expected[path]);
  if (more) throw new Error(`${more} is in it but not in its manifest`);
}

/** ClickHouse leaves pipes behind, which would be waited for without end. */
function isKept(entry: Stats): boolean {
  return entry.isFile() || entry.isDirectory() || entry.isSymbolicLink();
}

async function checksums(folder: string, entries: string[]): Promise<Manifest['files']> {
  const files: Manifest['files'] = {};
  for (const entry of entries.toSorted()) {
    const info = await lstat(join(folder, entry));
    if (info.isDirectory()) {
      const below = (await readdir(join(folder, entry))).map((name) => `${entry}/${name}`);
      Object.assign(files, await checksums(folder, below));
    } else if (info.isSymbolicLink()) {
      const to = await readlink(join(folder, entry));
      files[entry] = { size: to.length, sha256: createHash('sha256').update(`link to ${to}`).digest('hex') };
    } else if (info.isFile()) {
      const hash = createHash('sha256');
      await pipeline(createReadStream(join(folder, entry)), hash);
      files[entry] = { size: info.size, sha256: hash.digest('hex') };
    }
  }
  return files;
}
