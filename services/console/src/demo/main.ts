import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFiles } from './files.js';
import { generate, yesterday } from './generate.js';

const help = `npm run demo -- --out <folder> [options]     write the demonstration data as import files

  --seed <text>         another seed, other data (default: fenxiao)
  --scale <number>      1: about 6,000 orders of 120 customers in two years (default); 0.1, 10, ...
  --until <YYYY-MM-DD>  last day of the history (default: yesterday)
`;

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    out: text,
    seed: { ...text, default: 'fenxiao' },
    scale: { ...text, default: '1' },
    until: text,
    help: { type: 'boolean', default: false },
  },
});
if (values.help || !values.out) {
  console.log(help);
  process.exitCode = values.help ? 0 : 1;
} else {
  const { out, seed, scale, until = yesterday(new Date()) } = values;
  const begin = performance.now();
  const demonstration = generate({ seed, scale: Number(scale), until });
  // `npm run` changes to the repository's folder; names of files are meant from where the person is
  const folder = resolve(process.env['INIT_CWD'] ?? '.', out);
  const files = await writeFiles(demonstration, folder);
  for (const { name, rows, bytes } of files)
    console.log(`${name.padEnd(20)} ${String(rows).padStart(8)} rows ${(bytes / 1e6).toFixed(2).padStart(8)} MB`);
  console.log(`${folder}, until ${until}, after ${((performance.now() - begin) / 1000).toFixed(1)} s`);
}
