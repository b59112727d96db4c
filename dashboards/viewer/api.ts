/** The HTTP API of services/analytics, behind the gateway. */
import type { Answer, Dashboard, Listed, Option, Values } from './model.js';
import type { Language } from './words.js';

/** A refusal, in the words of the service (problem+json); `status` 0: no answer at all. */
export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface Tokens {
  /** @param renew get a new one even if the old one looks good */
  accessToken(renew?: boolean): Promise<string>;
}

export interface Moment {
  from: number;
  to: number;
  variables: Values;
}

export class Api {
  readonly #tokens: Tokens;
  readonly #language: Language;

  constructor(tokens: Tokens, language: Language) {
    this.#tokens = tokens;
    this.#language = language;
  }

  list(signal: AbortSignal): Promise<Listed[]> {
    return this.#ask(`/dashboards?lang=${this.#language}`, signal);
  }

  dashboard(uid: string, signal: AbortSignal): Promise<Dashboard> {
    return this.#ask(`/dashboards/${encodeURIComponent(uid)}?lang=${this.#language}`, signal);
  }

  panel(
    uid: string,
    id: number,
    question: Moment & { intervalMs: number; maxDataPoints: number },
    signal: AbortSignal,
  ): Promise<Answer> {
    return this.#ask(
      `/dashboards/${encodeURIComponent(uid)}/panels/${id}/query?lang=${this.#language}`,
      signal,
      question,
    );
  }

  async options(uid: string, variable: string, moment: Moment, signal: AbortSignal): Promise<Option[]> {
    const path = `/dashboards/${encodeURIComponent(uid)}/variables/${encodeURIComponent(variable)}/query?lang=${this.#language}`;
    return (await this.#ask<{ options: Option[] }>(path, signal, moment)).options;
  }

  me(signal: AbortSignal): Promise<{ person: string; roles: string[] }> {
    return this.#ask('/me', signal);
  }

  async #ask<T>(path: string, signal: AbortSignal, body?: unknown): Promise<T> {
    let response = await this.#send(path, signal, body, false);
    if (response.status === 401) response = await this.#send(path, signal, body, true);
    const text = await response.text();
    if (!response.ok) throw new ApiError(response.status, explain(text) ?? `${response.status} ${response.statusText}`);
    return JSON.parse(text) as T;
  }

  async #send(path: string, signal: AbortSignal, body: unknown, renew: boolean): Promise<Response> {
    const headers: Record<string, string> = {
      authorization: `Bearer ${await this.#tokens.accessToken(renew)}`,
      'accept-language': this.#language,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    try {
      return await fetch(`/api/analytics${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers,
        signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      if (signal.aborted) throw error;
      throw new ApiError(0, '');
    }
  }
}

function explain(text: string): string | undefined {
  try {
    const problem = JSON.parse(text) as { title?: string; detail?: string };
    return problem.detail ?? problem.title;
  } catch {
    return undefined;
  }
}
