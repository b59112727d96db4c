import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { depth } from '@fenxiao/testing/depth';
import { root, type Stack } from './stack.js';

/** The schema-driven fuzzer from PyPI, on services of a running stack. */

const run = promisify(execFile);

/** Its program, installed on first use; or why there is none. */
export async function installSchemathesis(): Promise<{ program: string } | { missing: string }> {
  const requirements = join(root, 'scripts', 'stack', 'schemathesis.txt');
  const digest = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12);
  const folder = join(root, 'node_modules', '.cache', `schemathesis-${digest}`);
  const program = join(folder, 'bin', 'schemathesis');
  const works = () =>
    run(program, ['--version']).then(
      () => true,
      () => false,
    );
  if (await works()) return { program };
  try {
    await run('python3', ['--version']);
  } catch {
    return { missing: 'python3 is not installed' };
  }
  try {
    await rm(folder, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin', 'pip'), ['install', '--quiet', '--requirement', requirements]);
    return (await works()) ? { program } : { missing: 'schemathesis does not run' };
  } catch (error) {
    return { missing: `schemathesis can not be installed: ${String(error).slice(0, 500)}` };
  }
}

export interface Campaign {
  readonly service: string;
  /** whose token */
  readonly login: string;
  /** requests made up per operation, beside those at the edges of its schema; bounds the time, and depends on no clock */
  readonly examples: number;
  /** only paths that match */
  readonly only?: string;
}

/** What a run came to, as its JSON report says. */
export interface Outcome {
  readonly operations: { readonly selected: number; readonly tested: number };
  readonly test_cases: { readonly generated: number; readonly unique_failures: number };
  readonly failures: readonly unknown[];
  readonly errors: readonly unknown[];
  /** what it printed: every failure with the request that shows it again */
  readonly output: string;
}

/** One campaign is cut off then: it takes a tenth of this, on a busy machine half. */
export const mostMilliseconds = 1_200_000;

/** Fuzzes one service with one person's token. */
export async function fuzz(program: string, stack: Stack, campaign: Campaign, seed: number): Promise<Outcome> {
  const { service, login, examples, only } = campaign;
  const url = `${stack.url}/api/${service}`;
  const files = join(await mkdtemp(join(stack.data, 'fuzz-')), `${service}-${login}`);
  const report = `${files}.json`;
  await writeFile(`${files}.toml`, await settings(stack, campaign, report), { mode: 0o600 });
  const bounds = ['--max-examples', String(examples), '--seed', String(seed), '--no-shrink', '--continue-on-failure'];
  const where = ['run', `${url}/openapi.json`, '--url', url, ...(only ? ['--include-path-regex', only] : [])];
  const args = ['--config-file', `${files}.toml`, ...where, ...bounds, '--no-color'];
  // It ends with 1 when it has found something: the report says what.
  const options = { cwd: stack.data, maxBuffer: 1e8, timeout: mostMilliseconds };
  const { stdout } = await run(program, args, options).catch((error: Error & { stdout?: string; killed?: boolean }) => {
    if (error.killed) throw new Error(`cut off after ${mostMilliseconds / 1000} s`, { cause: error });
    return { stdout: error.stdout ?? error.message };
  });
  const { failures, errors, ...figures } = JSON.parse(await readFile(report, 'utf8')) as Outcome;
  return { ...figures, failures, errors, output: stdout };
}

// A token's role, the state of a thing, a limit may refuse before the form is looked at: that is a refusal as well.
const refusals = [400, 401, 403, 404, 405, 406, 409, 412, 413, 414, 415, 422, 428, 429, 431];

// What one piece of code does for every operation is tried less often: an export reads its filters as the list beside it does,
// and one door refuses every method that is none.
const shallow = `[phases.coverage]
unexpected-methods = ["patch", "trace"]

[[operations]]
include-path-regex = "/export$"
phases.coverage.enabled = false`;

/** Checks, the token, and what exists: made-up ids and codes alone would never come past the first check of a rule. */
async function settings(stack: Stack, { service, login }: Campaign, report: string): Promise<string> {
  const { paths } = (await (await fetch(`${stack.url}/api/${service}/openapi.json`)).json()) as { paths: object };
  const dictionaries: string[] = [];
  const operations: string[] = [];
  const words = new Set<string>();
  const lists = new Map<string, string[]>();
  for (const path of Object.keys(paths)) {
    const [, list, parameter] = /^(\/[^{]+)\/\{(\w+)\}/.exec(path) ?? [];
    if (!list || !parameter) continue;
    const name = list.slice(1).replaceAll('/', '-');
    if (!lists.has(list)) {
      const found = await existing(stack, login, `/api/${service}${list}`);
      const ids = found.flatMap((one) => one['id'] ?? one['uid'] ?? []);
      lists.set(list, ids as string[]);
      for (const [key, value] of found.flatMap((one) => Object.entries(one)))
        if (typeof value === 'string' && value.length <= 64 && /(code|number|id)$/i.test(key)) words.add(value);
      if (ids.length > 0) dictionaries.push(`[dictionaries.${name}]\nvalues = ${JSON.stringify(ids)}`);
    }
    if (lists.get(list)!.length > 0)
      operations.push(
        `[[operations]]\ninclude-path = ${JSON.stringify(path)}\nparameters = { "path.${parameter}" = { dictionary = "${name}", probability = 0.8 } }`,
      );
  }
  return [
    `headers = { Authorization = ${JSON.stringify(`Bearer ${await stack.token(login)}`)} }`,
    // A form that is right may still break a rule; who may see what is tested where the roles are.
    '[checks]\npositive_data_acceptance.enabled = false\nobject_level_authorization.enabled = false',
    `negative_data_rejection.expected-statuses = ${JSON.stringify(refusals)}`,
    `missing_required_header.expected-statuses = ${JSON.stringify(refusals)}`,
    `[reports.json]\npath = ${JSON.stringify(report)}`,
    depth(shallow, ''),
    ...(words.size > 0
      ? [
          `[dictionaries.words]\nvalues = ${JSON.stringify([...words])}`,
          '[generation.dictionaries]\nstring = { dictionary = "words", probability = 0.3 }',
        ]
      : []),
    ...dictionaries,
    ...operations,
  ].join('\n\n');
}

/** The first things of a list, as far as this person may see them. */
async function existing(stack: Stack, login: string, path: string): Promise<Record<string, unknown>[]> {
  const { status, body } = await stack.call(login, path);
  if (status !== 200) return [];
  const list = body as Record<string, unknown>[] | { items: Record<string, unknown>[] };
  return (Array.isArray(list) ? list : list.items).slice(0, 20);
}
