import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { z } from 'zod';

/** Confidential clients: the import, and the comparison of the analytics with the services. */
const ServiceClient = z.enum(['fenxiao-import', 'fenxiao-reconciliation']);

/** Everything secret in one file of the data folder, readable by its owner only. */
export const Secrets = z.object({
  postgres: z.object({
    superuser: z.string(),
    /** Passwords of the roles `fenxiao_<name>`, by name of service; `identity` is one of them. */
    roles: z.record(z.string(), z.string()),
  }),
  /** Passwords of ClickHouse's users, by name. */
  clickhouse: z.object({ analytics: z.string(), viewer: z.string(), dashboards: z.string(), analyst: z.string() }),
  /** Wraps the keys of personal data: 32 bytes, base64. */
  personalData: z.base64(),
  /** Signs the links of surveys (C-18): 32 bytes, base64. */
  surveyLinks: z.base64(),
  identity: z.object({
    /** The first signs; all are accepted. */
    cookieKeys: z.array(z.string()).min(1),
    /** Programs that call the services: the secret of each, and the account (`sub`) it acts as, UUIDv7. */
    clients: z.record(ServiceClient, z.object({ secret: z.string(), account: z.uuid() })),
    /** The first administrator's account in an installation that begins empty, UUIDv7. */
    administratorAccount: z.uuid(),
    /** Private keys as JWK. The first signs; all are published. */
    signingKeys: z.array(z.looseObject({ kty: z.string(), kid: z.string(), alg: z.string() })).min(1),
  }),
});
export type Secrets = z.infer<typeof Secrets>;

/** Keeps what is there and makes what is missing. */
export async function newSecrets(
  present: { [Part in keyof Secrets]?: Secrets[Part] | undefined },
  services: string[],
): Promise<Secrets> {
  const roles = Object.fromEntries(['identity', ...services].map((name) => [name, random()]));
  return {
    postgres: {
      superuser: present.postgres?.superuser ?? random(),
      roles: { ...roles, ...present.postgres?.roles },
    },
    clickhouse: {
      analytics: random(),
      viewer: random(),
      dashboards: random(),
      analyst: random(),
      ...present.clickhouse,
    },
    personalData: present.personalData ?? randomBytes(32).toString('base64'),
    surveyLinks: present.surveyLinks ?? randomBytes(32).toString('base64'),
    identity: present.identity ?? {
      cookieKeys: [random()],
      clients: {
        'fenxiao-import': { secret: random(), account: uuidv7() },
        'fenxiao-reconciliation': { secret: random(), account: uuidv7() },
      },
      administratorAccount: uuidv7(),
      signingKeys: [await signingKey()],
    },
  };
}

/** 256 bits, in letters that need no quoting in a URL or a shell. */
function random(): string {
  return randomBytes(32).toString('base64url');
}

/** RFC 9562, version 7: milliseconds since 1970 in 48 bits, then random. */
export function uuidv7(): string {
  const hex = Date.now().toString(16).padStart(12, '0') + randomBytes(10).toString('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** RS256: services check a signature with every request, and RSA's is the cheapest to check. */
async function signingKey() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kty: 'RSA', kid: await calculateJwkThumbprint(jwk), alg: 'RS256', use: 'sig' };
}
