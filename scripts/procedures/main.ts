/** `npm run procedures` writes docs/procedures.md and docs/powers.md; with `--check` it fails when they are not current. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { declaredProcedures } from '../declarations.js';
import { document, path, termsMissing } from './document.js';
import { powersDocument, powersPath } from './powers.js';

const all = await declaredProcedures();
const missing = termsMissing(all);
if (missing.length > 0) {
  console.error(`The dictionary lacks terms of these procedures:\n${missing.join('\n')}`);
  process.exit(1);
}
const documents = [
  { name: 'docs/procedures.md', file: path, text: await document(all) },
  { name: 'docs/powers.md', file: powersPath, text: await powersDocument(all) },
];
const stale = documents.filter(({ file, text }) => !existsSync(file) || readFileSync(file, 'utf8') !== text);
if (stale.length > 0 && process.argv.includes('--check')) {
  for (const { name } of stale) console.error(`${name} is not what the code declares: run \`npm run procedures\`.`);
  process.exit(1);
}
for (const { file, text } of stale) writeFileSync(file, text);
console.log(
  stale.length === 0 ? 'Procedures: current.' : `Procedures: ${stale.map(({ name }) => name).join(', ')} written.`,
);
