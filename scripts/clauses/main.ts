/**
 * `npm run clauses`: runs the tests and prints, for every clause of the regulations, how many passed for what is allowed,
 * refused and at the boundary. `--last` reads the record of the last run instead; `CLAUSE_RECORD` names another record.
 * `--require O-01,D-20` fails when one of these lacks one of the three.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { lacking, passedTests, strangers, table, type Clause } from './report.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const record = resolve(root, process.env['CLAUSE_RECORD'] ?? 'node_modules/.cache/clauses.ndjson');
const { values } = parseArgs({ options: { last: { type: 'boolean' }, require: { type: 'string' } } });

const testsFailed = values.last ? false : !runTests();
if (!existsSync(record)) {
  console.error('No test of a clause has passed, or none has run: there is no record.');
  process.exit(1);
}
const catalogue = JSON.parse(readFileSync(resolve(root, 'docs/clauses.json'), 'utf8')) as Clause[];
const passed = passedTests(readFileSync(record, 'utf8'));
console.log(table(catalogue, passed));
const required = (values.require ?? '').split(',').map((id) => id.trim());
const faults = [
  ...strangers(catalogue, passed).map((id) => `${id}: tests cite it, docs/clauses.json does not have it`),
  ...lacking(required.filter(Boolean), catalogue, passed),
  ...(testsFailed ? ['Tests failed; only those that passed are counted.'] : []),
];
for (const fault of faults) console.error(fault);
process.exit(faults.length > 0 ? 1 : 0);

/** @returns whether all tests passed */
function runTests(): boolean {
  rmSync(record, { force: true });
  mkdirSync(dirname(record), { recursive: true });
  const npm = process.env['npm_execpath'];
  if (!npm) throw new Error('start it with `npm run clauses`');
  const env = { ...process.env, CLAUSE_RECORD: record };
  return spawnSync(process.execPath, [npm, 'test'], { cwd: root, env, stdio: 'inherit' }).status === 0;
}
