import { createReadStream, createWriteStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join, matchesGlob } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CannotImport, nothingToRead, unreadable } from './refusals.js';
import { entriesOf, openEntry, openZip } from './zip.js';

/** A file with tables in it. The name is the one people know it by, with its folders: `2026/订单.xlsx`. */
export interface SourceFile {
  readonly name: string;
  readonly path: string;
}

const tabular = /\.(csv|tsv|txt|xlsx|xlsm|xls)(\.gz)?$/i;
/** What other programs leave lying about. */
const litter = /(^|\/)(\.|~\$|__MACOSX\/)/;

/** Most bytes that the files of an archive may have once unpacked. */
export const mostUnpackedBytes = 4 * 1024 ** 3;

/**
 * The files of a folder and its folders, of a .zip, or the one file, by name.
 * @param workFolder an archive's files are unpacked there
 * @throws CannotImport when there are none
 */
export async function sourceFiles(path: string, workFolder: string): Promise<SourceFile[]> {
  const info = await stat(path).catch((error: Error) => {
    throw new CannotImport([unreadable({ file: path, detail: error.message })]);
  });
  const found = info.isDirectory()
    ? (await readdir(path, { recursive: true })).map((name) => ({
        name: name.replaceAll('\\', '/').normalize('NFC'),
        path: join(path, name),
      }))
    : /\.zip$/i.test(path)
      ? await unpack(path, workFolder)
      : [{ name: basename(path).normalize('NFC'), path }];
  const files = found.filter(({ name }) => tabular.test(name) && !litter.test(name));
  if (files.length === 0) throw new CannotImport([nothingToRead({ file: path })]);
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Entries are written under numbers: their names are only names. */
async function unpack(path: string, folder: string): Promise<SourceFile[]> {
  try {
    const zip = await openZip(path);
    const entries = (await entriesOf(zip)).filter(({ name }) => tabular.test(name) && !litter.test(name));
    const bytes = entries.reduce((sum, { size }) => sum + size, 0);
    if (bytes > mostUnpackedBytes) throw new Error(`${bytes} bytes once unpacked`);
    const files: SourceFile[] = [];
    for (const entry of entries) {
      const to = join(folder, `${files.length}-entry`);
      await pipeline(await openEntry(zip, entry), createWriteStream(to));
      files.push({ name: entry.name, path: to });
    }
    zip.close();
    return files;
  } catch (error) {
    throw new CannotImport([unreadable({ file: basename(path), detail: (error as Error).message })]);
  }
}

/** Files whose name fits the pattern (`*`, `?`, `**`, `{a,b}`), capitals or not; a bare name also fits in any folder. */
export const filesLike = (files: readonly SourceFile[], pattern: string): SourceFile[] => {
  const wanted = pattern.normalize('NFC').toLowerCase().replace(/^\.\//, '');
  return files.filter(({ name }) => {
    const known = name.toLowerCase();
    return (
      known === wanted || matchesGlob(known, wanted) || (!wanted.includes('/') && matchesGlob(basename(known), wanted))
    );
  });
};

/** What the first bytes say, whatever the name says. */
export async function contentOf({ path }: SourceFile): Promise<'text' | 'gzip' | 'workbook' | 'old-workbook'> {
  const handle = await open(path);
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  await handle.close();
  const magic = buffer.toString('hex');
  if (magic === '504b0304') return 'workbook';
  if (magic === 'd0cf11e0') return 'old-workbook';
  return magic.startsWith('1f8b') ? 'gzip' : 'text';
}

/** The bytes of a text file, unpacked. */
export function bytesOf({ path }: SourceFile, content: 'text' | 'gzip'): Readable {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  if (content === 'text') return file;
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  // pipe() would leave a reader waiting for ever when the file breaks off
  pipeline(file, gunzip).catch((error: Error) => gunzip.destroy(error));
  return gunzip;
}
