import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, statfs, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { FileStore } from './store.js';
import { fileLost, storeAway, storeFull } from './store-errors.js';

/**
 * A folder of this machine. Files appear whole or not at all, and outlive a crash once `put` has resolved.
 * @param leastFree bytes that have to stay free where the folder lies
 */
export function folderStore(path: string, leastFree = 0): FileStore {
  const folder = resolve(path);
  const pathOf = (key: string) => join(folder, ...key.split('/'));
  return {
    put: async (key, bytes) => {
      await mkdir(folder, { recursive: true, mode: 0o700 }).catch(away);
      const { bavail, bsize } = await statfs(folder).catch(away);
      if (bavail * bsize - bytes.length < leastFree) throw storeFull();
      await write(folder, pathOf(key), bytes).catch(away);
    },
    get: (key) =>
      readFile(pathOf(key)).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? lost() : away(error))),
    remove: (key) => remove(pathOf(key)).catch(away),
  };
}

const lost = () => {
  throw fileLost();
};
/** The disk is full, the folder not ours, not mounted or on fire: it is the store, not the file. */
const away = (cause: unknown) => {
  throw storeAway({}, { cause });
};

async function write(folder: string, path: string, bytes: Buffer): Promise<void> {
  const within = dirname(path);
  await mkdir(within, { recursive: true, mode: 0o700 });
  const beside = `${path}.${randomUUID()}`;
  try {
    const file = await open(beside, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } finally {
    await rm(beside, { force: true });
  }
  // that it is called so is written in its folder, and that there is such a folder in the one above, which may be new as well
  for (let above = within; above !== folder; above = dirname(above)) await syncFolder(above);
  await syncFolder(folder);
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The file, and what a crash left of it half written. */
async function remove(path: string): Promise<void> {
  const whatIs = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return [];
  };
  const beginning = `${basename(path)}.`;
  const halves = (await readdir(dirname(path)).catch(whatIs)).filter((name) => name.startsWith(beginning));
  for (const one of [path, ...halves.map((name) => join(dirname(path), name))]) await unlink(one).catch(whatIs);
}
