/** `npm run procedures` writes docs/procedures.md; with `--check` it writes nothing and fails when it is not current. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { declaredProcedures } from '../declarations.js';
import { document, path, termsMissing } from './document.js';

const all = await declaredProcedures();
const missing = termsMissing(all);
if (missing.length > 0) {
  console.error(`The dictionary lacks terms of these procedures:\n${missing.join('\n')}`);
  process.exit(1);
}
const text = await document(all);
const current = existsSync(path) && readFileSync(path, 'utf8') === text;
if (!current && process.argv.includes('--check')) {
  console.error(
    'docs/procedures.md is not what the code declares: run `npm run procedures` and commit what it writes.',
  );
  process.exit(1);
}
if (!current) writeFileSync(path, text);
console.log(`Procedures: docs/procedures.md ${current ? 'is current' : 'written'}.`);
