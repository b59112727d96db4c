/** What must hold under every load, by operation: the operations are what people wait for. */
import type { Options } from 'k6/options';

/** Milliseconds that 95 and 99 of 100 answers may take. */
const limits = {
  place: [400, 1000],
  submit: [500, 1200],
  ship: [500, 1200],
  pick: [500, 1200],
  dispatch: [500, 1200],
  'list-orders': [300, 800],
  'read-order': [200, 600],
  'list-stock': [300, 800],
  'list-distributors': [300, 800],
  dashboard: [300, 800],
  panel: [800, 2000],
} as const satisfies Record<string, readonly [p95: number, p99: number]>;

export type Operation = keyof typeof limits;
export const operations = Object.keys(limits) as Operation[];

/** Part of requests that may fail: refusals by a rule of the business are answers, not failures. */
const mayFail = 0.01;

/** @param abort end the run as soon as one does not hold, once it has warmed up */
export function thresholds({ abort }: { abort: boolean }): NonNullable<Options['thresholds']> {
  const limit = (threshold: string) => (abort ? { threshold, abortOnFail: true, delayAbortEval: '30s' } : threshold);
  return {
    http_req_failed: [limit(`rate<${mayFail}`)],
    checks: [limit('rate>0.99')],
    dropped_iterations: [limit('count<100')],
    ...Object.fromEntries(
      operations.flatMap((operation) => {
        const [p95, p99] = limits[operation];
        return [
          [`http_req_duration{operation:${operation}}`, [limit(`p(95)<${p95}`), limit(`p(99)<${p99}`)]],
          [`http_req_failed{operation:${operation}}`, [`rate<${mayFail * 5}`]],
          // always holds: k6 counts the requests of an operation only where a threshold asks
          [`http_reqs{operation:${operation}}`, ['count>=0']],
        ];
      }),
    ),
  };
}
