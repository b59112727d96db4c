import { setTimeout as delay } from 'node:timers/promises';
import { ImportAnswer, imports, type ImportKind } from '@fenxiao/contracts/imports';
import type { Language } from '@fenxiao/domain/dictionary';
import { TokenRefused, type Token } from '@fenxiao/service-kit/client-token';
import type { z } from 'zod';
import * as refusals from './refusals.js';

/** The services that take the rows, through the gateway. */

export type Outcome = z.infer<typeof ImportAnswer>['results'][number];

export interface ServicesOptions {
  /** address of the gateway */
  readonly url: string;
  readonly token: Token;
  readonly language: Language;
  readonly signal?: AbortSignal | undefined;
  /** milliseconds: the first wait before trying again, the longest one, and how long in all */
  readonly firstWait?: number;
  readonly longestWait?: number;
  readonly patience?: number;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Worth another try: too many requests, or whoever should answer is away for a moment. */
const passing = new Set([408, 425, 429, 502, 503, 504]);
const mostFailures = 20;

export class Services {
  readonly #options: Required<Omit<ServicesOptions, 'signal'>> & Pick<ServicesOptions, 'signal'>;
  #failed = 0;

  constructor(options: ServicesOptions) {
    this.#options = { firstWait: 250, longestWait: 15_000, patience: 300_000, ...options };
  }

  /** @throws CannotImport when the token is not one of an importer */
  async assertImporter(service: string): Promise<void> {
    const { status, body } = await this.#ask(service, 'me');
    if (status !== 200) throw this.#unexpected(service, { status, body });
    const { roles = [] } = body as { roles?: string[] };
    if (!roles.includes('importer'))
      throw new refusals.CannotImport([refusals.notAllowed({ service, detail: 'importer' })]);
  }

  /**
   * Sends rows of one kind and returns an outcome for each. Rows that a service fails on are found by halving and refused.
   * @param rows JSON of each
   * @throws CannotImport when the service can't be reached or refuses the importer
   */
  async load(kind: ImportKind, importId: string, dryRun: boolean, rows: readonly string[]): Promise<Outcome[]> {
    const { service } = imports[kind];
    const body = `{"importId":"${importId}","dryRun":${dryRun},"rows":[${rows.join(',')}]}`;
    const answer = await this.#ask(service, `imports/${kind}`, body);
    if (answer.status === 200) {
      const { success, data } = ImportAnswer.safeParse(answer.body);
      if (success && data.results.length === rows.length) return data.results;
      throw new refusals.CannotImport([
        refusals.unexpected({ service, status: 200, detail: 'not an outcome per row' }),
      ]);
    }
    if (answer.status !== 413 && answer.status !== 500) throw this.#unexpected(service, answer);
    if (rows.length > 1) {
      const half = Math.ceil(rows.length / 2);
      const first = await this.load(kind, importId, dryRun, rows.slice(0, half));
      return [...first, ...(await this.load(kind, importId, dryRun, rows.slice(half)))];
    }
    // One row may be at fault; a service that fails on any is not for us to try out.
    if (answer.status === 500 && ++this.#failed > mostFailures) throw this.#unexpected(service, answer);
    const refusal =
      answer.status === 413 ? refusals.tooLargeRow() : refusals.serviceFailed({ service, status: answer.status });
    return [
      {
        outcome: 'rejected',
        errors: [{ field: '', code: refusal.code, message: refusal.text(this.#options.language) }],
      },
    ];
  }

  /**
   * Waits until what other services published has arrived at one: their outboxes are empty, and it is behind nobody.
   * @param tell is told how much is left
   * @throws CannotImport when it gets no further
   */
  async caughtUp(loaded: Iterable<string>, next: string, tell: (service: string, left: number) => void): Promise<void> {
    for (const service of loaded) await this.#none(service, 'outbox', tell);
    await this.#none(next, 'behind', tell);
  }

  async #none(
    service: string,
    what: 'outbox' | 'behind',
    tell: (service: string, left: number) => void,
  ): Promise<void> {
    const { patience, signal } = this.#options;
    let least = Infinity;
    let since = Date.now();
    for (let wait = 20; ; wait = Math.min(wait * 2, 1000)) {
      const { status, body } = await this.#ask(service, 'events/status');
      if (status !== 200) throw this.#unexpected(service, { status, body });
      const left = Number((body as Record<string, unknown>)[what] ?? 0);
      if (left === 0) return;
      if (left < least) [least, since] = [left, Date.now()];
      if (Date.now() - since > patience)
        throw new refusals.CannotImport([refusals.notCaughtUp({ service, detail: `${what} ${left}` })]);
      tell(service, left);
      await delay(wait, undefined, signal ? { signal } : {}).catch(() => this.#assertGoingOn());
    }
  }

  /** Asks until there is an answer to work with; sending the same rows again is safe. */
  async #ask(service: string, path: string, body?: string): Promise<Answer> {
    const { firstWait, longestWait, patience, signal } = this.#options;
    const begin = Date.now();
    let failures = 0;
    let renewed = false;
    for (let wait = firstWait; ; wait = Math.min(wait * 2, longestWait)) {
      this.#assertGoingOn();
      const answer = await this.#once(service, path, body);
      const status = 'status' in answer ? answer.status : 0;
      if (status === 401 && !renewed && (await this.#options.token.renew())) {
        renewed = true;
        continue;
      }
      if (status === 500) failures += 1;
      if ('status' in answer && !passing.has(status) && !(status === 500 && failures < 3)) return answer;
      if (Date.now() - begin > patience) {
        const detail = 'status' in answer ? `HTTP ${status}` : answer.trouble;
        throw new refusals.CannotImport([refusals.unavailable({ service, detail })]);
      }
      // not all at the same time again
      const pause = ('retryAfter' in answer && answer.retryAfter) || wait * (0.5 + Math.random() / 2);
      await delay(Math.min(pause, longestWait), undefined, signal ? { signal } : {}).catch(() => this.#assertGoingOn());
    }
  }

  async #once(
    service: string,
    path: string,
    body: string | undefined,
  ): Promise<(Answer & { retryAfter: number }) | { trouble: string }> {
    const { url, token, language, signal } = this.#options;
    const patience = AbortSignal.timeout(180_000);
    try {
      const response = await fetch(`${url}/api/${service}/${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${await token.current()}`,
          'accept-language': language,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
        signal: signal ? AbortSignal.any([signal, patience]) : patience,
      });
      const text = await response.text();
      const json = /json/.test(response.headers.get('content-type') ?? '');
      const retryAfter = 1000 * (Number(response.headers.get('retry-after')) || 0);
      return { status: response.status, body: json ? JSON.parse(text) : text, retryAfter };
    } catch (error) {
      this.#assertGoingOn();
      if (error instanceof TokenRefused)
        throw new refusals.CannotImport([refusals.notAllowed({ service: 'identity', detail: error.error })]);
      const { message, cause } = error as Error;
      return { trouble: cause instanceof Error ? cause.message : message };
    }
  }

  #assertGoingOn(): void {
    if (this.#options.signal?.aborted) throw new refusals.CannotImport([refusals.stopped()]);
  }

  #unexpected(service: string, { status, body }: Answer): refusals.CannotImport {
    const { detail, title } = (typeof body === 'object' ? body : {}) as { detail?: string; title?: string };
    const said = detail ?? title ?? String(body).slice(0, 200);
    const make = status === 401 || status === 403 ? refusals.notAllowed : refusals.unexpected;
    return new refusals.CannotImport([make({ service, status, detail: said })]);
  }
}
