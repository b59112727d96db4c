import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { contentSecurityPolicy } from './pages.js';
import { textsFor, type Texts } from './texts.js';

const mostBytes = 16 * 1024;
const formCookie = 'fenxiao_form';

/** An answer other than the expected one; its message may be shown. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** One request and its answer, with what our pages and the accounts API need of both. */
export class Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Path below the issuer and query. */
  readonly url: URL;
  readonly t: Texts;
  readonly #key: string;

  constructor(req: IncomingMessage, res: ServerResponse, path: string, key: string) {
    this.req = req;
    this.res = res;
    this.url = new URL(path, 'http://identity');
    this.t = textsFor(req.headers['accept-language']);
    this.#key = key;
  }

  /** Address of the caller, as the gateway saw it. */
  get address(): string {
    return String(this.req.headers['x-forwarded-for'] ?? this.req.socket.remoteAddress);
  }

  html(status: number, text: string, headers: Record<string, string> = {}): void {
    const fixed = {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy,
      'referrer-policy': 'same-origin',
    };
    this.#answer(status, text, { ...fixed, ...headers });
  }

  json(status: number, value: unknown): void {
    const type = status >= 400 ? 'application/problem+json' : 'application/json';
    this.#answer(status, JSON.stringify(value), { 'content-type': type });
  }

  redirect(to: string): void {
    this.#answer(303, '', { location: to });
  }

  #answer(status: number, text: string, headers: Record<string, string>): void {
    // Every page here is about one person or one moment.
    this.res
      .writeHead(status, { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers })
      .end(text);
  }

  /** @throws HttpError 415, 413 or 400 */
  async readJson(): Promise<unknown> {
    const text = await this.#read('application/json');
    try {
      return JSON.parse(text || '{}');
    } catch {
      throw new HttpError(400, 'The body is not JSON.');
    }
  }

  /**
   * The fields of a form that we served to this browser.
   *
   * @throws HttpError 403 when the form comes from elsewhere
   */
  async readForm(): Promise<Record<string, string>> {
    const site = this.req.headers['sec-fetch-site'];
    const form = Object.fromEntries(new URLSearchParams(await this.#read('application/x-www-form-urlencoded')));
    const expected = Buffer.from(this.sign(`form ${this.#cookie()}`));
    const found = Buffer.from(form['csrf'] ?? '');
    const ours = this.#cookie() && found.length === expected.length && timingSafeEqual(found, expected);
    if (!ours || (site !== undefined && site !== 'same-origin')) throw new HttpError(403, this.t.formExpired);
    return form;
  }

  /** The proof a form must bring back, bound to a cookie of this browser. To be called before the page is sent. */
  csrf(): string {
    let value = this.#cookie();
    if (!value) {
      value = randomBytes(24).toString('base64url');
      const secure = this.req.headers['x-forwarded-proto'] === 'https' ? '; Secure' : '';
      this.res.appendHeader('set-cookie', `${formCookie}=${value}; Path=/auth; HttpOnly; SameSite=Lax${secure}`);
    }
    return this.sign(`form ${value}`);
  }

  /** Proof that this process has said so; holds as long as the key does. */
  sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }

  #cookie(): string | undefined {
    const pairs = (this.req.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
    return pairs.find(([name]) => name === formCookie)?.[1];
  }

  async #read(type: string): Promise<string> {
    if (this.req.headers['content-type']?.split(';')[0]?.trim() !== type) throw new HttpError(415, `Expected ${type}.`);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of this.req as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostBytes) throw new HttpError(413, 'The body is too large.');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}
