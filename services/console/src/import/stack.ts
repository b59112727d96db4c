import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { clientToken, type Token } from '@fenxiao/service-kit/client-token';
import { z } from 'zod';
import { CannotImport, notRunning } from './refusals.js';

/** Where the embedded stack runs, and the import's own account there (client credentials). */

const Running = z.object({ url: z.url() });
const client = 'fenxiao-import';
const Secrets = z.object({ identity: z.object({ clients: z.object({ [client]: z.object({ secret: z.string() }) }) }) });

/**
 * Finds the running stack of a data folder.
 * @param url another address of its gateway than the folder says
 * @throws CannotImport when nothing runs there
 */
export async function embeddedStack(folder: string, url?: string): Promise<{ url: string; token: Token }> {
  const read = async <T>(name: string, schema: z.ZodType<T>): Promise<T> =>
    schema.parse(JSON.parse(await readFile(join(folder, name), 'utf8')));
  try {
    const running = await read('run.json', Running);
    const { identity } = await read('secrets.json', Secrets);
    const certificate = join(folder, 'tls', 'cert.pem');
    // a certificate that the stack signed itself: on this machine we know it is the right one
    if (existsSync(certificate))
      setDefaultCACertificates([...getCACertificates('default'), await readFile(certificate, 'utf8')]);
    const at = (url ?? running.url).replace(/\/$/, '');
    return { url: at, token: clientToken(`${at}/auth/token`, client, identity.clients[client].secret) };
  } catch {
    throw new CannotImport([notRunning({ folder })]);
  }
}

/** A token somebody else has got, and nothing to renew it with. */
export const givenToken = (token: string): Token => ({
  current: () => Promise.resolve(token),
  renew: () => Promise.resolve(false),
});
