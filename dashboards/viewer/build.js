/** Bundles the viewer into dist/viewer: everything a browser needs, nothing from elsewhere. */
import { readFileSync, rmSync, writeFileSync, mkdirSync, copyFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const out = file('../dist/viewer');
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const { metafile } = await build({
  entryPoints: [file('main.tsx'), file('styles.css')],
  bundle: true,
  minify: true,
  splitting: true,
  format: 'esm',
  target: ['es2022', 'chrome110', 'firefox115', 'safari16.4'],
  outdir: `${out}/assets`,
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  conditions: ['@fenxiao/source'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  define: { 'process.env.NODE_ENV': '"production"' },
  legalComments: 'linked',
  // The gateway's policy forbids eval; zod, which Grafana brings, would try whether it may.
  banner: { js: 'globalThis.__zod_globalConfig = { jitless: true };' },
  metafile: true,
  logLevel: 'warning',
  alias: {
    // Grafana's arithmetic of dates needs a zone's offsets, not those of two centuries: 0.7 MB less.
    'moment-timezone': createRequire(import.meta.url).resolve(
      'moment-timezone/builds/moment-timezone-with-data-1970-2030.js',
    ),
  },
});

const outputs = Object.entries(metafile.outputs);
const entry = (source) => basename(outputs.find(([, { entryPoint }]) => entryPoint?.endsWith(source))[0]);
const html = readFileSync(file('index.html'), 'utf8')
  .replace('{{styles}}', `<link rel="stylesheet" href="/assets/${entry('styles.css')}" />`)
  .replace('{{scripts}}', `<script type="module" src="/assets/${entry('main.tsx')}"></script>`);
writeFileSync(`${out}/index.html`, html);
copyFileSync(file('icon.svg'), `${out}/icon.svg`);

for (const [path, { bytes }] of outputs) {
  if (!/\.(js|css)$/.test(path)) continue;
  const packed = gzipSync(readFileSync(`${out}/assets/${basename(path)}`)).length;
  console.log(`${basename(path)}: ${Math.round(bytes / 1000)} kB, ${Math.round(packed / 1000)} kB gzipped`);
}
