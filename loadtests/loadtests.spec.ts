import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { Random } from './src/random.js';
import { html, rowsOf, text, type Summary } from './src/report.js';

describe('what k6 loads', () => {
  it('needs nothing but k6, and nothing newer than what k6 runs', async () => {
    const { outputFiles, warnings } = await build({
      entryPoints: [fileURLToPath(new URL('src/main.ts', import.meta.url))],
      bundle: true,
      format: 'esm',
      write: false,
      external: ['k6', 'k6/*'],
    });
    const code = outputFiles[0]!.text;
    const imported = [...code.matchAll(/from "([^"]+)"/g)].map(([, name]) => name);
    expect(new Set(imported)).toEqual(new Set(['k6', 'k6/execution', 'k6/http']));
    expect(warnings).toEqual([]);
    // methods of ES2023 and later, and globals of Node, are not in every k6
    expect(code).not.toMatch(/\.to(Sorted|Reversed|Spliced)\(|\.groupBy\(|\bprocess\.|\bBuffer\b|\brequire\(/);
  });
});

describe('choices', () => {
  it('repeat with the seed, differ with another, and cover what there is', () => {
    const chosen = (seed: string) => {
      const random = new Random(seed);
      return Array.from({ length: 1000 }, () => random.pick([0, 1, 2, 3]));
    };
    expect(chosen('a 1')).toEqual(chosen('a 1'));
    expect(chosen('a 1')).not.toEqual(chosen('a 2'));
    for (const item of [0, 1, 2, 3]) {
      const times = chosen('a 1').filter((one) => one === item).length;
      expect(times).toBeGreaterThan(200);
      expect(times).toBeLessThan(300);
    }
    expect(() => new Random('a').pick([])).toThrow('nothing');
  });
});

describe('the report', () => {
  const summary: Summary = {
    state: { testRunDurationMs: 10_000 },
    metrics: {
      http_reqs: { values: { count: 200 } },
      http_req_duration: { values: { med: 20, 'p(90)': 80, 'p(95)': 120.4, 'p(99)': 300, max: 900 } },
      http_req_failed: { values: { rate: 0.01 }, thresholds: { 'rate<0.01': { ok: false } } },
      vus_max: { values: { max: 25 } },
      'http_reqs{operation:submit}': { values: { count: 50 }, thresholds: { 'count>=0': { ok: true } } },
      'http_req_duration{operation:submit}': {
        values: { med: 30, 'p(90)': 200, 'p(95)': 510, 'p(99)': 800, max: 900 },
        thresholds: { 'p(95)<500': { ok: false }, 'p(99)<1200': { ok: true } },
      },
      'http_req_failed{operation:submit}': { values: { rate: 0.04 } },
      'http_reqs{operation:pick}': { values: { count: 0 }, thresholds: { 'count>=0': { ok: true } } },
    },
  };

  it('has the run, and the operations that were asked for', () => {
    expect(rowsOf(summary)).toMatchObject([
      { operation: '', requests: 200, failed: 2, rate: 20, p50: 20, p95: 120.4, max: 900 },
      {
        operation: 'submit',
        requests: 50,
        failed: 2,
        rate: 5,
        p95: 510,
        broken: ['http_req_duration{operation:submit} p(95)<500'],
      },
    ]);
    expect(rowsOf(summary)[0]!.broken).toHaveLength(2);
  });

  it('says what does not hold, in text and on a page of its own', () => {
    expect(text('stress', summary)).toMatch(/does not hold: http_req_failed rate<0.01/);
    const page = html('stress <b>', summary);
    expect(page).toContain('Load test: stress &#60;b&#62;');
    expect(page).toContain('2 thresholds do not hold');
    expect(page).toContain('http_req_duration{operation:submit} p(95)&#60;500');
    expect(page).not.toMatch(/src=|href=/);
  });
});
