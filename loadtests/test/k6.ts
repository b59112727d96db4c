#!/usr/bin/env node
/**
 * NOT k6. A stand-in for tests where k6 may not be: `run -e NAME=value … main.ts` calls the scenario's functions a few times
 * in Node. It proves that the requests, checks, thresholds and reports of the scripts work against a real installation. It
 * proves nothing about load: no executor, no people at once, no pauses; k6's own engine is not in it.
 *
 * ITERATIONS of the environment: how many journeys, 12 if not given.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { checks, exec, now, requests } from './k6-modules.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { env: { type: 'string', short: 'e', multiple: true } },
});
const [command, main = ''] = positionals;
if (command !== 'run') throw new Error('run is all this does');
const given = Object.fromEntries(
  (values.env ?? []).map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
);
Object.assign(globalThis, { __ENV: { ...given, THINK: '0' } });

interface Script {
  options: { scenarios: Record<string, object>; thresholds: Record<string, (string | { threshold: string })[]> };
  setup(): Promise<unknown>;
  default(data: unknown): Promise<void>;
  handleSummary(data: object): Record<string, string>;
}

const modules = fileURLToPath(new URL('k6-modules.ts', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'fenxiao-k6-'));
let script: Script;
try {
  // The modules stay one instance: what they count is read here.
  const { outputFiles } = await build({
    entryPoints: [main],
    bundle: true,
    format: 'esm',
    write: false,
    external: ['k6', 'k6/*'],
  });
  const bundle = outputFiles[0]!.text.replace(
    /from "k6(\/\w+)?"/g,
    `from ${JSON.stringify(pathToFileURL(modules).href)}`,
  );
  await writeFile(join(folder, 'main.mjs'), bundle);
  script = (await import(pathToFileURL(join(folder, 'main.mjs')).href)) as Script;
} finally {
  await rm(folder, { recursive: true });
}

const begin = performance.now();
exec.scenario.name = Object.keys(script.options.scenarios)[0]!;
const data: unknown = JSON.parse(JSON.stringify(await script.setup()));
for (let i = 0; i < Number(process.env['ITERATIONS'] ?? 12); i++) {
  exec.scenario.iterationInTest = exec.vu.iterationInScenario = i;
  await script.default(data);
}

/** The metric as k6 names and sums it; with a part in braces, of the requests with that tag. */
function metric(name: string): Record<string, number> {
  const [, kind, tag, value] = /^(\w+)(?:\{(\w+):(.+)\})?$/.exec(name)!;
  const found = requests.filter(({ tags }) => tag === undefined || tags[tag] === value);
  const times = found.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(part * times.length))] ?? 0;
  const part = (all: { ok: boolean }[], wanted: boolean) =>
    all.length === 0 ? Number(wanted) : all.filter(({ ok }) => ok === wanted).length / all.length;
  if (kind === 'http_reqs') return { count: found.length };
  if (kind === 'http_req_failed') return { rate: found.length === 0 ? 0 : part(found, false) };
  if (kind === 'checks') return { rate: part(checks, true) };
  if (kind === 'http_req_duration')
    return { med: at(0.5), 'p(90)': at(0.9), 'p(95)': at(0.95), 'p(99)': at(0.99), max: at(1) };
  return kind === 'vus_max' ? { max: 1 } : { count: 0 };
}

const names = ['http_reqs', 'http_req_duration', 'vus_max', ...Object.keys(script.options.thresholds)];
const metrics = Object.fromEntries(
  names.map((name) => {
    const values_ = metric(name);
    const limits = (script.options.thresholds[name] ?? []).map((limit) =>
      typeof limit === 'string' ? limit : limit.threshold,
    );
    const thresholds = Object.fromEntries(
      limits.map((limit) => {
        const [, key = '', sign, than] = /^([\w()]+)(<|>=|>)([\d.]+)$/.exec(limit)!;
        const value = values_[key]!;
        return [
          limit,
          { ok: sign === '<' ? value < Number(than) : sign === '>' ? value > Number(than) : value >= Number(than) },
        ];
      }),
    );
    return [name, { values: values_, thresholds }];
  }),
);
const summary = { metrics, state: { testRunDurationMs: performance.now() - begin } };
for (const [file, text] of Object.entries(script.handleSummary(summary))) {
  if (file === 'stdout') process.stdout.write(text);
  else await writeFile(file, text);
}
for (const { name, ok } of checks) if (!ok) process.stderr.write(`check failed: ${name}\n`);
for (const { tags, status, ok } of requests) if (!ok) process.stderr.write(`failed: ${tags['operation']} ${status}\n`);
process.stdout.write(`stand-in, not k6: ${requests.length} requests since ${now}\n`);
// as k6: 99 when a threshold does not hold
process.exitCode = Object.values(metrics).some(({ thresholds }) => Object.values(thresholds).some(({ ok }) => !ok))
  ? 99
  : 0;
