import { z } from 'zod';

/** How a program calls the services as itself. */
export interface Token {
  /** the access token, fresh enough for a request */
  current(): Promise<string>;
  /** gets another one although this one should still hold; false when there is no way to */
  renew(): Promise<boolean>;
}

/** The token endpoint gave none. `error` is the OAuth code, or the HTTP status. */
export class TokenRefused extends Error {
  constructor(readonly error: string) {
    super(`no access token: ${error}`);
  }
}

const Answer = z.object({
  access_token: z.string().optional(),
  expires_in: z.number().default(60),
  error: z.string().optional(),
});

/**
 * Tokens by client credentials (RFC 6749, 4.4), renewed a minute before they run out; asked for once however many wait.
 * `current` and `renew` throw TokenRefused, or what fetch throws when the endpoint is away.
 */
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
    const answer = Answer.safeParse(await response.json().catch(() => undefined)).data;
    if (!answer?.access_token) throw new TokenRefused(answer?.error ?? String(response.status));
    held = { token: answer.access_token, until: Date.now() + 1000 * (answer.expires_in - 60) };
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
