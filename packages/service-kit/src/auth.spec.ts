import { harness, type Harness, type Member } from '@fenxiao/testing/harness';
import { until } from '@fenxiao/testing/wait';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportSPKI, generateKeyPair, importJWK, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import { baseConfig } from './config.js';

let h: Harness;
let clerk: Member;
let bearer: string;
beforeAll(async () => {
  h = await harness({ name: 'distributors', config: baseConfig, procedures: [], migrations: [] });
  clerk = await h.staff('sales-support-clerk');
  bearer = await h.token(clerk.subject);
}, 60_000);
afterAll(() => h?.close());

describe('a token', () => {
  const hour = () => Math.floor(Date.now() / 1000) + 3600;
  const claims = (): JWTPayload => ({ sub: clerk.subject, iss: 'https://issuer.test', aud: 'fenxiao', exp: hour() });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const sign = (key: CryptoKey | Uint8Array, header: { alg: string; kid?: string }, payload = claims()) =>
    new SignJWT(payload).setProtectedHeader(header).sign(key);
  const publicKeys = async () => ((await (await fetch(h.jwksUrl)).json()) as { keys: JWK[] }).keys;
  /** One that the issuer itself signs, with these claims in place of the right ones. */
  const issued = (change: Record<string, unknown>) => h.token(clerk.subject, change);

  it.each<[string, () => Promise<string>]>([
    ['expired', () => issued({ exp: hour() - 7200 })],
    ['without an end', () => issued({ exp: undefined })],
    ['not valid yet', () => issued({ nbf: hour() })],
    ['of another issuer', () => issued({ iss: 'https://elsewhere.test' })],
    ['for another audience', () => issued({ aud: 'another' })],
    ['about nobody', () => issued({ sub: undefined })],
    ['unsigned', async () => `${part({ alg: 'none' })}.${part(claims())}.`],
    ['unsigned, in other letters', async () => `${part({ alg: 'nOnE', kid: 'test' })}.${part(claims())}.`],
    ['with its signature cut off', async () => bearer.split('.').slice(0, 2).join('.') + '.'],
    [
      'with its claims changed',
      async () => [bearer.split('.')[0], part({ ...claims(), sub: 'x' }), bearer.split('.')[2]].join('.'),
    ],
    [
      'signed by another key of the same name',
      async () => sign((await generateKeyPair('ES256')).privateKey, { alg: 'ES256', kid: 'test' }),
    ],
    [
      'signed by a key nobody knows',
      async () => sign((await generateKeyPair('ES256')).privateKey, { alg: 'ES256', kid: 'x' }),
    ],
    [
      'signed by another key, which it does not name',
      async () => sign((await generateKeyPair('ES256')).privateKey, { alg: 'ES256' }),
    ],
    [
      'of another algorithm',
      async () => sign((await generateKeyPair('RS256')).privateKey, { alg: 'RS256', kid: 'test' }),
    ],
    [
      'of an algorithm nobody uses',
      async () => sign((await generateKeyPair('ES512')).privateKey, { alg: 'ES512', kid: 'test' }),
    ],
    [
      'signed with what everybody knows, the public key',
      async () => {
        const keys = await publicKeys();
        return sign(new TextEncoder().encode(JSON.stringify(keys[0])), { alg: 'HS256', kid: 'test' });
      },
    ],
    [
      'signed with the public key as PEM',
      async () => {
        const [jwk] = await publicKeys();
        const pem = await exportSPKI((await importJWK(jwk!, 'ES256', { extractable: true })) as CryptoKey);
        return sign(new TextEncoder().encode(pem), { alg: 'HS256', kid: 'test' });
      },
    ],
    [
      'that brings its own key',
      async () => {
        const { privateKey } = await generateKeyPair('ES256');
        return new SignJWT(claims())
          .setProtectedHeader({ alg: 'ES256', jku: `${h.url}/x`, kid: '../../x' })
          .sign(privateKey);
      },
    ],
    ['of garbage', async () => 'a.b.c'],
    ['of more garbage', async () => 'é'.repeat(3)],
    ['of nothing', async () => ''],
  ])('%s: 401, and nothing is told', async (_, token) => {
    const answer = await h.request('GET', '/me', { headers: { authorization: `Bearer ${await token()}` } });
    expect(answer).toMatchObject({ status: 401, body: { code: 'auth.not-authenticated', rule: 'X-01' } });
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  });

  it('that was good is refused when it has run out', async () => {
    const authorization = `Bearer ${await issued({ exp: hour() - 3600 - 3 })}`;
    const status = async () => (await h.request('GET', '/me', { headers: { authorization } })).status;
    expect(await status()).toBe(200);
    await until('the token to run out', async () => (await status()) === 401);
  });

  it('sent in another way is none', async () => {
    for (const authorization of [`Basic ${bearer}`, bearer, `Bearer ${bearer} ${bearer}`, `Bearer ${bearer}, Bearer x`])
      expect((await h.request('GET', '/me', { headers: { authorization } })).status).toBe(401);
    expect((await h.request('GET', `/me?access_token=${bearer}`)).status).toBe(401);
  });
});
