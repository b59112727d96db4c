/** Requests as people's browsers send them: with their token, named by operation, checked. */
import { check, sleep } from 'k6';
import exec from 'k6/execution';
import http, { type RefinedResponse } from 'k6/http';
import type { Operation } from './thresholds.ts';
import type { Random } from './random.ts';

type Answer = RefinedResponse<'text'>;

const gateway = __ENV['BASE_URL'] ?? 'http://127.0.0.1:8080';
/** answers GET /<login> with a fresh token of 15 minutes */
const tokensUrl = __ENV['TOKENS_URL'];
const thinking = Number(__ENV['THINK'] ?? 1);

/** Refusals by a rule of the business (no stock, another was quicker) are answers too; being turned away is none. */
http.setResponseCallback(http.expectedStatuses({ min: 200, max: 299 }, 409, 422));

const tokens = new Map<string, { token: string; until: number }>();

async function tokenOf(login: string): Promise<string> {
  const known = tokens.get(login);
  if (known && known.until > Date.now()) return known.token;
  const answer = await http.asyncRequest('GET', `${tokensUrl}/${login}`, null, {
    responseType: 'text',
    tags: { operation: 'token' },
  });
  if (answer.status !== 200) throw new Error(`no token for ${login}: ${answer.status} ${answer.body}`);
  const token = answer.body;
  tokens.set(login, { token, until: Date.now() + 600000 });
  return token;
}

/** What a request came to. `found` is undefined where a rule refused or something failed. */
export interface Result<T> {
  status: number;
  found: T | undefined;
}

/** GET without a form, else POST. @param path below /api */
export async function ask<T>(login: string, operation: Operation, path: string, form?: object): Promise<Result<T>> {
  const headers: Record<string, string> = { authorization: `Bearer ${await tokenOf(login)}` };
  if (form) {
    headers['content-type'] = 'application/json';
    headers['idempotency-key'] =
      `load-${exec.scenario.name}-${exec.vu.idInTest}-${exec.vu.iterationInScenario}-${path}-${Date.now()}`;
  }
  const answer: Answer = await http.asyncRequest(
    form ? 'POST' : 'GET',
    `${gateway}/api/${path}`,
    form ? JSON.stringify(form) : null,
    {
      headers,
      responseType: 'text',
      tags: { operation, name: operation },
    },
  );
  const { status } = answer;
  const fine = status >= 200 && status < 300;
  check(
    answer,
    { [`${operation}: an answer or a rule`]: () => fine || status === 409 || status === 422 },
    { operation },
  );
  return { status, found: fine ? (answer.json() as T) : undefined };
}

/** People read, and type: some seconds, never the same. */
export const think = (random: Random, low: number, high: number): void => sleep(random.between(low, high) * thinking);
