import type { Readable } from 'node:stream';
import { isUtf8 } from 'node:buffer';
import { open, type Entry, type ZipFile } from 'yauzl';

/** Archives, read by their directory: sizes are checked, and a file that breaks off is an error, not a wait. */

export interface ZipEntry {
  readonly name: string;
  /** bytes once unpacked */
  readonly size: number;
  readonly entry: Entry;
}

export const openZip = (path: string): Promise<ZipFile> =>
  new Promise((done, fail) =>
    open(path, { lazyEntries: true, autoClose: false, decodeStrings: false }, (error, zip) =>
      error ? fail(error) : done(zip),
    ),
  );

/** All entries that are files. */
export function entriesOf(zip: ZipFile): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  return new Promise((done, fail) => {
    zip.on('error', fail).on('end', () => done(entries));
    zip.on('entry', (entry: Entry) => {
      const name = nameOf(entry);
      if (!name.endsWith('/')) entries.push({ name, size: entry.uncompressedSize, entry });
      if (entries.length > 100_000) fail(new Error('too many entries'));
      else zip.readEntry();
    });
    zip.readEntry();
  });
}

/** Archivers on Chinese Windows write names in GBK and do not say so. */
function nameOf({ fileNameRaw: bytes }: Entry): string {
  return new TextDecoder(isUtf8(bytes) ? 'utf-8' : 'gb18030').decode(bytes).replaceAll('\\', '/').normalize('NFC');
}

export const openEntry = (zip: ZipFile, { entry }: ZipEntry): Promise<Readable> =>
  new Promise((done, fail) => zip.openReadStream(entry, (error, stream) => (error ? fail(error) : done(stream))));
