import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import { audience, tokenSeconds } from './identity/tokens.js';
import type { Secrets } from './secrets.js';

/**
 * An access token such as the account would get by logging in.
 *
 * @param issuer address of the provider, as tokens name it
 * @param account its id (`sub`)
 */
export async function accessToken(secrets: Secrets['identity'], issuer: string, account: string): Promise<string> {
  const [jwk] = secrets.signingKeys;
  return new SignJWT({ client_id: 'fenxiao-operator' })
    .setProtectedHeader({ alg: jwk?.alg ?? 'RS256', typ: 'at+jwt', kid: jwk?.kid ?? '' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(account)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime(`${tokenSeconds} seconds`)
    .sign(await importJWK(jwk ?? {}));
}
