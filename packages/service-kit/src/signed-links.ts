import { errors, jwtVerify, SignJWT } from 'jose';

/** Links for people without an account: what a link opens, and until when, signed so that nobody else can make one. */

const ALGORITHM = 'HS256';

export interface LinkKeys {
  /** 32 bytes, base64 */
  readonly key: string;
  /** what it was before: links that were signed by it still open */
  readonly previous?: string | undefined;
}

export class SignedLinks {
  readonly #keys: readonly Buffer[];

  /** @param purpose what the links are for: those of another purpose don't open, even where the key is the same */
  constructor(
    private readonly purpose: string,
    { key, previous }: LinkKeys,
  ) {
    this.#keys = [key, previous].flatMap((text) => (text === undefined ? [] : Buffer.from(text, 'base64')));
  }

  /** @returns the compact token, safe in a URL */
  sign(subject: string, expiresAt: Date): Promise<string> {
    return new SignJWT({ sub: subject, aud: this.purpose, exp: Math.floor(expiresAt.getTime() / 1000) })
      .setProtectedHeader({ alg: ALGORITHM })
      .sign(this.#keys[0]!);
  }

  /** @returns what it opens; undefined where it is not ours, of another purpose, changed, or over */
  async subject(token: string, now: Date): Promise<string | undefined> {
    for (const key of this.#keys) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [ALGORITHM],
          audience: this.purpose,
          requiredClaims: ['sub', 'exp'],
          currentDate: now,
        });
        return payload.sub;
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error;
      }
    }
    return undefined;
  }
}
