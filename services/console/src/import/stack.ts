import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { z } from 'zod';
import { CannotImport, notAllowed, notRunning } from './refusals.js';
import type { Token } from './services.js';

/** Where the embedded stack runs, and the import's own account there (client credentials). */

const Running = z.object({ url: z.url() });
const Secrets = z.object({ identity: z.object({ importSecret: z.string() }) });

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
    return { url: at, token: clientToken(`${at}/auth/token`, 'fenxiao-import', identity.importSecret) };
  } catch {
    throw new CannotImport([notRunning({ folder })]);
  }
}

/** Tokens by client credentials (RFC 6749, 4.4), renewed before they run out. */
export function clientToken(tokenUrl: string, client: string, secret: string): Token {
  let held: { token: string; until: number } | undefined;
  let asking: Promise<string> | undefined;
  const ask = async (): Promise<string> => {
    const response = await fetch(tokenUrl, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${client}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
      signal: AbortSignal.timeout(30_000),
    });
    const body = (await response.json()) as { access_token?: string; expires_in?: number; error?: string };
    if (!body.access_token)
      throw new CannotImport([notAllowed({ service: 'identity', detail: body.error ?? String(response.status) })]);
    held = { token: body.access_token, until: Date.now() + 1000 * ((body.expires_in ?? 60) - 60) };
    return held.token;
  };
  const current = () => {
    if (held && Date.now() < held.until) return Promise.resolve(held.token);
    return (asking ??= ask().finally(() => (asking = undefined)));
  };
  return {
    current,
    renew: async () => {
      held = undefined;
      await current();
      return true;
    },
  };
}

/** A token somebody else has got, and nothing to renew it with. */
export const givenToken = (token: string): Token => ({
  current: () => Promise.resolve(token),
  renew: () => Promise.resolve(false),
});
