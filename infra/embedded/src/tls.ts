import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';

/** Paths of PEM files. */
export interface Tls {
  cert: string;
  key: string;
}

/** A self-signed certificate for these names, kept in the folder and made anew when a name is missing or it runs out. */
export async function selfSigned(folder: string, names: string[]): Promise<Tls> {
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  const present = await readFile(files.cert, 'utf8').catch(() => undefined);
  if (present) {
    const certificate = new X509Certificate(present);
    const inMonth = Date.now() + 30 * 24 * 60 * 60 * 1000;
    const covered = names.every((name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)));
    if (covered && certificate.validToDate.getTime() > inMonth) return files;
  }
  const altNames = names.map((name) =>
    isIP(name) ? { type: 7 as const, ip: name } : { type: 2 as const, value: name },
  );
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: names[0] ?? 'fenxiao' }], {
    keyType: 'ec',
    curve: 'P-256',
    notAfterDate: new Date(Date.now() + 825 * 24 * 60 * 60 * 1000),
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames },
    ],
  });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(files.key, made.private, { mode: 0o600 });
  await writeFile(files.cert, made.cert, { mode: 0o600 });
  return files;
}
