import { execFile, spawn } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '@fenxiao/embedded/ports';
import { missingForKafka } from './kafka.js';
import { until } from './wait.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const jars = join(root, 'node_modules', '.cache', 'mail');

export interface RunningMail {
  readonly smtp: string;
  readonly imap: string;
  stop(): Promise<void>;
}

/** Whether tests on a real mail server can run; they need what Kafka needs. They say so aloud where they can't. @throws in CI */
export async function mailAtHand(): Promise<boolean> {
  const missing = await missingForKafka();
  if (!missing) return true;
  if (!['', '0', 'false', undefined].includes(process.env['CI'])) throw new Error(`GreenMail: ${missing}`);
  process.stdout.write(`skipped: GreenMail, ${missing}\n`);
  return false;
}

/** Starts GreenMail with one mailbox, `reports@example.com`; resolves when it accepts. */
export async function startMail(): Promise<RunningMail> {
  await mkdir(jars, { recursive: true });
  if ((await readdir(jars)).length === 0)
    await run('mvn', [
      '-q',
      '-B',
      '-f',
      join(root, 'infra', 'mail', 'pom.xml'),
      'dependency:copy-dependencies',
      `-DoutputDirectory=${jars}`,
    ]);
  const smtp = await freePort();
  const imap = await freePort(smtp + 1);
  const settings = { smtp, imap };
  const ports = Object.entries(settings).flatMap(([name, port]) => [
    `-Dgreenmail.${name}.hostname=127.0.0.1`,
    `-Dgreenmail.${name}.port=${port}`,
  ]);
  const users = ['-Dgreenmail.users=reports:secret@example.com'];
  const child = spawn(
    'java',
    [
      '-Xmx128m',
      ...ports,
      ...users,
      '-cp',
      join(jars, '*'),
      'com.icegreen.greenmail.standalone.GreenMailStandaloneRunner',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  for (const port of [smtp, imap])
    await until(
      `GreenMail on ${port}`,
      async () => {
        if (child.exitCode !== null) throw new Error('GreenMail did not start');
        return accepts(port);
      },
      60_000,
    );
  return {
    smtp: `smtp://127.0.0.1:${smtp}`,
    imap: `imap://reports:secret@127.0.0.1:${imap}/INBOX`,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
