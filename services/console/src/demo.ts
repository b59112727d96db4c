import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { imports } from '@fenxiao/contracts/imports';
import { clientToken, type Token } from '@fenxiao/service-kit/client-token';
import { z } from 'zod';
import { writeFiles } from './demo/files.js';
import { generate, yesterday } from './demo/generate.js';
import { runImport, type Progress, type Summary } from './import/run.js';
import { Services } from './import/services.js';

/**
 * Started by the embedded stack when a data folder is new: makes the demonstration data, brings them in like any other
 * import, and ends when the analytics store has everything. Ends with 1 when something was refused; run again, it brings in
 * the same data, and so doubles nothing.
 */
const environment = z
  .object({
    GATEWAY_URL: z.url(),
    TOKEN_URL: z.url(),
    IMPORT_CLIENT_ID: z.string(),
    IMPORT_CLIENT_SECRET: z.string(),
    /** file in which identity finds the accounts */
    IDENTITY_DEMO_ACCOUNTS: z.string(),
    DEMO_SEED: z.string().default('fenxiao'),
    DEMO_SCALE: z.coerce.number().positive().default(1),
    DEMO_UNTIL: z.iso.date().default(() => yesterday(new Date())),
  })
  .parse(process.env);

const Freshness = z.array(z.object({ topic: z.string(), behind: z.number() }));
/** milliseconds without the store getting any further */
const mostWait = 180_000;

const say = (line: string) => process.stdout.write(`${line}\n`);
const stopping = new AbortController();
const { signal } = stopping;
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stopping.abort());
const folder = await mkdtemp(join(tmpdir(), 'fenxiao-demo-'));
try {
  await load();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function load(): Promise<void> {
  const {
    GATEWAY_URL: url,
    IDENTITY_DEMO_ACCOUNTS: accountsFile,
    TOKEN_URL,
    IMPORT_CLIENT_ID,
    IMPORT_CLIENT_SECRET,
  } = environment;
  const options = await chosenOptions();
  const demonstration = generate(options);
  const files = join(folder, 'files');
  const written = await writeFiles(demonstration, files);
  const megabytes = written.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  say(`Two years of an invented tile maker until ${options.until}: ${megabytes.toFixed(1)} MB`);
  await writeFile(accountsFile, JSON.stringify(demonstration.accounts, null, 2));

  const token = clientToken(TOKEN_URL, IMPORT_CLIENT_ID, IMPORT_CLIENT_SECRET);
  const services = new Services({ url, token, language: 'en', signal });
  const reports = { rejections: join(folder, 'rejections.csv'), findings: join(folder, 'findings.csv') };
  const summary = await runImport({
    path: files,
    workFolder: join(folder, 'work'),
    services,
    report: reports,
    language: 'en',
    signal,
    onProgress: progressShown(),
  });
  summarise(summary);
  if (summary.stoppedBy) throw summary.stoppedBy;
  if (summary.rejected > 0) throw new Error((await readFile(reports.rejections, 'utf8')).slice(0, 5000));

  const begin = performance.now();
  const owners = new Set<string>(summary.kinds.map(({ kind }) => imports[kind].service));
  for (const service of owners) await services.caughtUp(owners, service, () => undefined);
  const told = await stored(url, token);
  const waited = ((performance.now() - begin) / 1000).toFixed(1);
  say(told ?? `Everything is in the services and in the analytics store, ${waited} s later`);
}

/** Waits until the analytics store has all that is in the log. @returns why that is not known, if so */
async function stored(url: string, token: Token): Promise<string | undefined> {
  let [least, since] = [Infinity, Date.now()];
  for (;;) {
    const authorization = `Bearer ${await token.current()}`;
    const response = await fetch(`${url}/api/analytics/freshness`, { headers: { authorization }, signal });
    if (!response.ok) return `Analytics does not say how far it is: HTTP ${response.status} ${await response.text()}`;
    const behind = Freshness.parse(await response.json()).reduce((sum, topic) => sum + topic.behind, 0);
    if (behind === 0) return undefined;
    if (behind < least) [least, since] = [behind, Date.now()];
    if (Date.now() - since > mostWait) return `The analytics store stands still, ${behind} events behind`;
    await delay(250, undefined, { signal });
  }
}

/** What a first try chose holds for the next: another day or seed would make other orders with the same numbers. */
async function chosenOptions() {
  const { DEMO_SEED: seed, DEMO_SCALE: scale, DEMO_UNTIL: until } = environment;
  const file = join(dirname(environment.IDENTITY_DEMO_ACCOUNTS), 'demonstration.json');
  const earlier = await readFile(file, 'utf8').catch(() => undefined);
  const shape = z.object({ seed: z.string(), scale: z.number(), until: z.string() });
  if (earlier !== undefined) return shape.parse(JSON.parse(earlier));
  await writeFile(file, JSON.stringify({ seed, scale, until }));
  return { seed, scale, until };
}

/** A line for each kind that takes its time, and one every three seconds. */
function progressShown(): (progress: Progress) => void {
  let last = performance.now();
  return ({ phase, kind, done, total }) => {
    if (phase !== 'loading' || done === total || performance.now() - last < 3000) return;
    last = performance.now();
    say(`  ${kind} ${done}${total === undefined ? '' : ` of ${total}`}`);
  };
}

function summarise({ kinds, findings, seconds }: Summary): void {
  for (const { kind, read, lines, created, rejected, rowsPerSecond, totals } of kinds) {
    const of = lines === undefined ? '' : `, ${lines} lines`;
    const refused = rejected === 0 ? '' : `, ${rejected} refused`;
    const sums = Object.entries(totals).map(([name, amount]) => `, ${name} ${amount}`);
    say(
      `  ${kind.padEnd(14)} ${String(read).padStart(6)}${of}, ${created} new${refused}, ${rowsPerSecond}/s${sums.join('')}`,
    );
  }
  const found = findings.reduce((sum, { count }) => sum + count, 0);
  say(`Loaded in ${seconds.toFixed(1)} s; ${found} findings of what today's rules would have said`);
}
