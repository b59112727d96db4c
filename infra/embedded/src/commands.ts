import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isLoopback } from './addresses.js';
import { readRunning, resetDataFolder } from './data-folder.js';
import { answers } from './programs.js';
import { stillRuns } from './processes.js';
import { Stack } from './supervisor.js';

const help = `npm start -- [options]              start everything on this machine
npm start -- status                 what runs, and where
npm start -- token <login>          print an access token for a local account, valid 15 minutes
npm start -- analyst                how to run SQL over ClickHouse
npm start -- verify-audit           walk the audit chain of every service
npm start -- backup <file.tar.gz>   write the whole data folder into a file, while nothing runs
npm start -- restore <file.tar.gz>  make the data folder from a backup

  --data <folder>       data folder (default: data in the repository)
  --port <number>       port of the gateway (default 8080; 0: any free one)
  --empty               a new data folder gets no demonstration data; prints a link for the first administrator
  --reset               delete everything in the data folder first
  --yes                 do not ask before deleting
  --verbose             show what all processes write (it is in <data folder>/logs anyway)
  --listen <address>    listen on this address and not on this machine alone; needs TLS and --empty
  --tls-cert <file>     certificate, PEM
  --tls-key <file>      its private key, PEM
  --tls-self-signed     make a certificate that browsers will warn about
  --public-url <url>    what browsers call the gateway, when that is not what it listens on
  --help                this text
`;

/** `npm run x -- ...` runs in the workspace's folder, and names of files are meant from where the person is. */
const fromHere = (path: string) => resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The command line. Ends the process with 0, or with 1 and one message; `status` with 3 when nothing runs. */
export async function main(args: string[]): Promise<void> {
  try {
    process.exitCode = await run(args);
  } catch (error) {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

function readOptions(args: string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      data: text,
      port: { ...text, default: '8080' },
      listen: text,
      'tls-cert': text,
      'tls-key': text,
      'tls-self-signed': flag,
      'public-url': text,
      empty: flag,
      reset: flag,
      yes: flag,
      verbose: flag,
      help: flag,
    },
  });
  return { values, positionals, data: values.data === undefined ? resolve(root, 'data') : fromHere(values.data) };
}
type Options = ReturnType<typeof readOptions>;

async function run(args: string[]): Promise<number> {
  const options = readOptions(args);
  const [command = 'start', argument, ...more] = options.positionals;
  const wanted = { start: 0, status: 0, analyst: 0, 'verify-audit': 0, token: 1, backup: 1, restore: 1 }[command];
  if (options.values.help) {
    console.log(help);
    return 0;
  }
  if (wanted === undefined) throw new Error(`There is no command ${command}.\n\n${help}`);
  if (more.length > 0 || (argument === undefined) !== (wanted === 0)) throw new Error(help);
  if (command === 'status') return status(options.data);
  if (command === 'verify-audit') return (await import('./operate.js')).verifyAudit(root, options.data);
  if (command === 'analyst') console.log(await (await import('./operate.js')).analystAccess(options.data));
  else if (command === 'token') {
    const { mintToken } = await import('./mint-token.js');
    console.log(await mintToken(options.data, argument ?? ''));
  } else if (command === 'backup') {
    const { backup } = await import('./backup.js');
    const { files, bytes } = await backup(options.data, fromHere(argument ?? ''));
    console.log(
      `${files} files of ${options.data} are in ${argument} (${(bytes / 1e6).toFixed(1)} MB). It holds every secret.`,
    );
  } else if (command === 'restore') {
    const { restore } = await import('./backup.js');
    const { files, created } = await restore(fromHere(argument ?? ''), options.data);
    console.log(`${files} files are back in ${options.data}, as they were at ${created}.`);
  } else return start(options);
  return 0;
}

async function start({ values, data }: Options): Promise<number> {
  const host = values.listen ?? '127.0.0.1';
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('--port wants a number from 0 to 65535.');
  const { 'tls-cert': cert, 'tls-key': key, 'tls-self-signed': self, 'public-url': publicUrl } = values;
  if ((cert === undefined) !== (key === undefined)) throw new Error('--tls-cert and --tls-key belong together.');
  const tls = cert && key ? { cert: fromHere(cert), key: fromHere(key) } : self ? ('self-signed' as const) : undefined;
  if (tls && tls !== 'self-signed') await Promise.all([readFile(tls.cert), readFile(tls.key)]);
  if (!isLoopback(host) && !tls) {
    throw new Error(
      `${host} is more than this machine, and passwords must not travel in the clear: add --tls-cert and --tls-key, or --tls-self-signed.`,
    );
  }
  if (values.reset) {
    if (!values.yes) await confirmReset(data);
    await resetDataFolder(data);
  }

  const say = (line: string) => console.log(line);
  // Whoever listened to our lines may have gone; that is no reason to stop.
  process.stdout.on('error', () => undefined);
  const stack = new Stack({
    root,
    data,
    content: values.empty ? 'empty' : 'demonstration',
    port,
    host,
    say,
    verbose: values.verbose,
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(tls ? { tls } : {}),
  });
  const stopped = new Promise<number>((done) => {
    let first = 0;
    const onSignal = () => {
      const now = Date.now();
      if (first === 0) {
        first = now;
        say('\nStopping. Ctrl-C again to stop at once.');
        void stack.stop().then(() => done(0));
      } else if (now - first > 500) {
        // Sooner it is the same Ctrl-C once more: npm passes on to us what the terminal has sent us already.
        stack.kill();
      }
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
    void stack.failed.then(async () => {
      await stack.stop();
      done(1);
    });
  });
  await stack.start();
  return stopped;
}

async function confirmReset(data: string): Promise<void> {
  if (!process.stdin.isTTY)
    throw new Error(`--reset deletes everything in ${data}: add --yes if that is what you want.`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Delete everything in ${data}? Type "delete": `);
  terminal.close();
  if (answer.trim() !== 'delete') throw new Error('Nothing was deleted.');
}

async function status(data: string): Promise<number> {
  const running = await readRunning(data);
  if (!running?.processes['supervisor'] || !stillRuns(running.processes['supervisor'])) {
    console.log(`Nothing runs on ${data}.`);
    return 3;
  }
  console.log(`${running.url}, data folder ${data}`);
  for (const [name, process] of Object.entries(running.processes)) {
    const port = running.ports[name];
    const path = name === 'clickhouse' ? '/ping' : '/health/ready';
    const serves = !['supervisor', 'postgresql', 'gateway'].includes(name);
    const ready = stillRuns(process) && (!serves || (await answers(`http://127.0.0.1:${port}${path}`)));
    console.log(
      `  ${name.padEnd(14)} ${ready ? 'ready' : 'NOT READY'}  pid ${process.pid}${port ? `  port ${port}` : ''}`,
    );
  }
  return 0;
}
