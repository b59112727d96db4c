/**
 * `npm run contracts` writes schemas, missing samples and asyncapi.yaml; with `--check` it writes nothing and fails when
 * they are not what the code declares. Either way it refuses an incompatible change within a version.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { folder, plan } from './files.js';

const check = process.argv.includes('--check');
const { writes, refusals } = await plan();
for (const refusal of refusals) console.error(refusal);
if (refusals.length > 0) process.exit(1);
if (check) for (const path of writes.keys()) console.error(`packages/contracts/${path} is not what the code declares`);
if (check && writes.size > 0) {
  console.error('Run `npm run contracts` and commit what it writes.');
  process.exit(1);
}
for (const [path, content] of writes) {
  const file = new URL(path, folder);
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(file, content);
}
console.log(writes.size === 0 ? 'Contracts: every file is current.' : `Contracts: ${writes.size} files written.`);
