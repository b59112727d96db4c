import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Language } from '@fenxiao/domain/dictionary';
import { badMapping, CannotImport, noToken } from './refusals.js';
import { runImport } from './run.js';
import { Services } from './services.js';
import { embeddedStack, givenToken } from './stack.js';
import { planLines, ProgressBar, summaryLines } from './terminal.js';

const help = `npm run import -- <folder, file or .zip> [options]

Brings in CSV, TSV and XLSX files. Running it again changes only what is different.

  --mapping <file.yaml>  which columns become which fields; without it the headers decide
  --data <folder>        data folder of the running stack (default ./data)
  --url <address>        gateway of another installation
  --token <token>        access token of somebody who may import (or FENXIAO_TOKEN)
  --dry-run              try everything and write nothing; shows how the files are understood
  --all-or-nothing       write nothing unless every row is good
  --report <file.csv>    where rejected rows are listed (default import-rejected.csv); findings beside it
  --lang zh|en           language of messages

Ends with 0; with 1 when rows were rejected; with 2 when it could not run.
`;

/** `npm run x` runs in the repository; names of files are meant from where the person is. */
const fromHere = (path: string) => resolve(process.env['INIT_CWD'] ?? process.cwd(), path);

/** @returns the exit code */
export async function main(args: readonly string[], out: NodeJS.WriteStream = process.stdout): Promise<number> {
  const say = (lines: readonly string[]) => out.write(`${lines.join('\n')}\n`);
  let language: Language = languageOfTerminal();
  try {
    const options = readOptions(args);
    language = options.language ?? language;
    if (options.help || options.path === undefined) {
      out.write(help);
      return options.help ? 0 : 2;
    }
    return await importFrom(options.path, options, language, say, out);
  } catch (error) {
    const reasons =
      error instanceof CannotImport ? error.reasons.map((reason) => reason.text(language)) : [messageOf(error)];
    say(reasons);
    return 2;
  }
}

type Options = ReturnType<typeof readOptions>;

async function importFrom(
  path: string,
  options: Options,
  language: Language,
  say: (lines: readonly string[]) => void,
  out: NodeJS.WriteStream,
): Promise<number> {
  const mapping = options.mapping === undefined ? undefined : await readMappingFile(fromHere(options.mapping));
  const report = fromHere(options.report ?? 'import-rejected.csv');
  const findings =
    options.report === undefined ? fromHere('import-findings.csv') : report.replace(/(\.csv)?$/i, '.findings.csv');
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const services = new Services({ ...(await endpointOf(options)), language, signal: stopping.signal });
  const workFolder = await mkdtemp(join(tmpdir(), 'fenxiao-import-'));
  const bar = new ProgressBar(out, language);
  try {
    const summary = await runImport({
      path: fromHere(path),
      mapping,
      services,
      workFolder,
      language,
      report: { rejections: report, findings },
      dryRun: options.dryRun,
      allOrNothing: options.allOrNothing,
      signal: stopping.signal,
      onProgress: (progress) => bar.show(progress),
      onPlan: (tables, unused) => {
        if (options.dryRun || mapping === undefined) say(planLines(tables, unused, language));
      },
    });
    bar.clear();
    say(['', ...summaryLines(summary, language)]);
    if (summary.rejected > 0) say([`→ ${report}`]);
    if (summary.findings.length > 0) say([`→ ${findings}`]);
    return summary.stoppedBy ? 2 : summary.rejected > 0 ? 1 : 0;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await rm(workFolder, { recursive: true, force: true });
  }
}

function readOptions(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      mapping: text,
      data: text,
      url: text,
      token: text,
      report: text,
      lang: text,
      'dry-run': flag,
      'all-or-nothing': flag,
      help: flag,
    },
  });
  const { lang, help: wanted, 'dry-run': dryRun, 'all-or-nothing': allOrNothing, ...rest } = values;
  if (lang !== undefined && lang !== 'zh' && lang !== 'en') throw new Error(help);
  if (positionals.length > 1) throw new Error(help);
  const language: Language | undefined = lang;
  return { ...rest, language, help: wanted, dryRun, allOrNothing, path: positionals[0] };
}

async function endpointOf({ url, token, data }: Options) {
  if (url === undefined || (token === undefined && data !== undefined))
    return embeddedStack(fromHere(data ?? 'data'), url);
  const given = token ?? process.env['FENXIAO_TOKEN'];
  if (!given) throw new CannotImport([noToken()]);
  return { url: url.replace(/\/$/, ''), token: givenToken(given) };
}

const readMappingFile = (path: string) =>
  readFile(path, 'utf8').catch((error: Error) => {
    throw new CannotImport([badMapping({ where: path, detail: error.message })]);
  });

function languageOfTerminal(): Language {
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  return /^zh/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'zh' : 'en';
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
