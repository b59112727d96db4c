import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The whole stack as users start it, on a data folder of its own. */
export interface Stack {
  readonly url: string;
  readonly data: string;
  /** what it has printed so far */
  readonly output: string;
  /** from the command to the last line of its start */
  readonly seconds: number;
  token(login: string): Promise<string>;
  /** GET or POST with an account's token; the answer's body */
  call(
    login: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; headers: Headers; body: never }>;
  stop(): Promise<void>;
}

export const root = fileURLToPath(new URL('../../', import.meta.url));
const main = join(root, 'infra', 'embedded', 'dist', 'main.js');
const run = promisify(execFile);

/** Of the demonstration only as much as there must be something of everything: a twentieth of its history, a short day. */
export const small = { DEMO_SCALE: '0.05', DEMO_ORDERS: '20' };

export const newFolder = () => mkdtemp(join(tmpdir(), 'fenxiao-stack-'));
export const remove = (folder: string) => rm(folder, { recursive: true, force: true });

/** One of the other commands of `npm start --`. */
export async function command(data: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [main, ...args, '--data', data], { maxBuffer: 1e7 });
  return stdout.trim();
}

/** @throws with what it printed when it ends before it is ready */
export async function startStack(
  data: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Stack> {
  const started = performance.now();
  const child = spawn(process.execPath, [main, '--data', data, '--port', '0', ...args], {
    env: { ...process.env, ...env },
  });
  let output = '';
  const ended = new Promise<never>((_, fail) =>
    child.once('close', (code) => fail(new Error(`the stack ended (${code}):\n${output}`))),
  );
  ended.catch(() => {});
  const ready = new Promise<void>((done) => {
    const hear = (text: Buffer) => {
      output += text.toString();
      if (output.includes('Ctrl-C stops it')) done();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
  });
  await Promise.race([ready, ended]);
  const seconds = (performance.now() - started) / 1000;
  const url = /https?:\/\/[^\s/]+/.exec(output)![0];
  const tokens = new Map<string, string>();
  const token = async (login: string) => {
    const known = tokens.get(login) ?? (await command(data, 'token', login));
    tokens.set(login, known);
    return known;
  };
  return {
    url,
    data,
    get output() {
      return output;
    },
    seconds,
    token,
    call: async (login, path, body, headers = {}) => {
      const response = await fetch(`${url}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${await token(login)}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: (text && /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text) as never,
      };
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = new Promise<void>((done) => child.once('close', () => done()));
      child.kill('SIGINT');
      await closed;
    },
  };
}
