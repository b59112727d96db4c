import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** Shortest password a person may choose, in characters (NIST SP 800-63B: length counts, rules of composition do not). */
export const shortestPassword = 12;
const longestPassword = 256;

// OWASP's second choice: 32 MB and some 0.2 s for one attempt.
const strength = { logN: 15, r: 8, p: 3 };
// Each attempt costs memory and a core, so only so many at once: the rest wait in line.
const atOnce = 2;
let busy = 0;
const waiting: (() => void)[] = [];

/**
 * @returns what to store: algorithm, parameters, salt and hash in the PHC string format, so that the parameters can be
 *   raised later while older passwords keep working.
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, strength.logN, strength.r, strength.p);
  const { logN, r, p } = strength;
  return `$scrypt$ln=${logN},r=${r},p=${p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

/** What to compare with when there is no password. */
let ofNobody: Promise<string> | undefined;

/** Takes equally long whether or not there is a password to compare with: the time must not tell which accounts exist. */
export async function isPassword(password: string, stored: string | null | undefined): Promise<boolean> {
  const [, , parameters = '', salt = '', hash = ''] = (
    stored ?? (await (ofNobody ??= hashPassword(randomBytes(16).toString('hex'))))
  ).split('$');
  const [logN = 0, r = 0, p = 0] = parameters.split(',').map((parameter) => Number(parameter.split('=')[1]));
  const expected = Buffer.from(hash, 'base64url');
  const found = await derive(password, Buffer.from(salt, 'base64url'), logN, r, p);
  return timingSafeEqual(found, expected) && !!stored;
}

/** Why the password may not be chosen, or undefined when it may. */
export function weakness(password: string, login: string): 'short' | 'long' | 'login' | undefined {
  if ([...password].length < shortestPassword) return 'short';
  if ([...password].length > longestPassword) return 'long';
  return password.toLowerCase().replaceAll(/\W/g, '') === login.toLowerCase() ? 'login' : undefined;
}

async function derive(password: string, salt: Buffer, logN: number, r: number, p: number): Promise<Buffer> {
  while (busy >= atOnce) await new Promise<void>((go) => waiting.push(go));
  busy++;
  try {
    // The same password can be typed in several Unicode forms.
    const text = password.normalize('NFKC').slice(0, 4 * longestPassword);
    return await new Promise<Buffer>((done, fail) => {
      const options = { N: 2 ** logN, r, p, maxmem: 256 * 2 ** logN * r };
      scrypt(text, salt, 32, options, (error, key) => (error ? fail(error) : done(key)));
    });
  } finally {
    busy--;
    waiting.shift()?.();
  }
}
