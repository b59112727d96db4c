/** NOT k6: what the scripts use of `k6`, `k6/http` and `k6/execution`, over fetch, for ./k6.ts. Counts what it did. */

export const now = new Date().toISOString();
export const requests: { tags: Record<string, string>; status: number; milliseconds: number; ok: boolean }[] = [];
export const checks: { name: string; ok: boolean }[] = [];

export const exec = { scenario: { name: '', iterationInTest: 0 }, vu: { idInTest: 1, iterationInScenario: 0 } };

export function check<T>(value: T, tests: Record<string, (value: T) => boolean>): boolean {
  const results = Object.entries(tests).map(([name, holds]) => ({ name, ok: holds(value) }));
  checks.push(...results);
  return results.every(({ ok }) => ok);
}

/** Pauses are left out: THINK is 0 here. */
export function sleep(seconds: number): void {
  if (seconds !== 0) throw new Error('the stand-in does not pause');
}

type Expected = number | { min: number; max: number };
let expected: Expected[] = [{ min: 200, max: 399 }];
const isExpected = (status: number) =>
  expected.some((one) => (typeof one === 'number' ? one === status : one.min <= status && status <= one.max));

interface Parameters {
  headers?: Record<string, string>;
  tags?: Record<string, string>;
}

const http = {
  expectedStatuses: (...statuses: Expected[]) => statuses,
  setResponseCallback: (statuses: Expected[]) => (expected = statuses),
  async asyncRequest(method: string, url: string, body: string | null, { headers = {}, tags = {} }: Parameters = {}) {
    const begin = performance.now();
    const answer = await fetch(url, { method, headers, body });
    const text = await answer.text();
    const { status } = answer;
    requests.push({ tags, status, milliseconds: performance.now() - begin, ok: isExpected(status) });
    return { status, body: text, json: (): unknown => JSON.parse(text) };
  },
};

/** Both `k6/http` and `k6/execution` have a default export, used by different names. */
export default { ...http, ...exec };
