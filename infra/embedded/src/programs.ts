import { spawn, type ChildProcess } from 'node:child_process';
import { get } from 'node:http';
import { extname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ProcessLog } from './process-log.js';

/** A process under our care. `RunningPostgres` is one too. */
export interface RunningProcess {
  pid: number;
  /** Settles when it has ended, with the reason in words. */
  exited: Promise<string>;
  /** Asks it to end and waits until it has; after a while without asking. */
  stop(): Promise<void>;
  /** Ends it without asking. */
  kill(): void;
}

export interface Program {
  script: string;
  args?: string[];
  environment: Record<string, string>;
  log: ProcessLog;
}

const readyWithin = 120_000;
const stopsWithin = 15_000;

/** Path of one of our own modules by its name without extension: compiled, or in tests the source. */
export function ownModule(name: string): string {
  return fileURLToPath(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url));
}

export interface RunningProgram extends RunningProcess {
  child: ChildProcess;
}

/** Starts a Node program that ends when this process does, and is ended when the signal comes. */
export function startProgram(program: Program, signal?: AbortSignal): RunningProgram {
  const preloaded = [...(extname(import.meta.url) === '.ts' ? ['from-source'] : []), 'stop-with-parent'];
  const flags = preloaded.flatMap((name) => ['--import', pathToFileURL(ownModule(name)).href]);
  const child = spawn(process.execPath, [...flags, program.script, ...(program.args ?? [])], {
    env: { ...process.env, ...program.environment },
    // A group of its own: Ctrl-C in the terminal is for the supervisor, which then stops all in order.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => program.log.write(text));
  }
  const exited = new Promise<string>((done) => {
    child.once('error', (error) => done(error.message));
    child.once('close', (code, signal) => done(signal ? `killed by ${signal}` : `exit code ${code}`));
  });
  const kill = () => void child.kill('SIGKILL');
  const askToEnd = async () => {
    child.kill('SIGTERM');
    const impatient = setTimeout(kill, stopsWithin);
    await exited;
    clearTimeout(impatient);
  };
  // Asked once only: many programs take a second SIGTERM as a wish to die at once.
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= askToEnd());
  signal?.addEventListener('abort', () => void stop());
  return { child, pid: child.pid ?? 0, exited, stop, kill };
}

/**
 * Starts a program that serves, and waits until GET `readyUrl` answers 200. When the signal comes first it is ended.
 *
 * @param onStarted gets it before it is ready
 * @throws when it ends or is not ready in time
 */
export async function startServer(
  program: Program,
  readyUrl: string,
  signal: AbortSignal,
  onStarted?: (running: RunningProgram) => void,
): Promise<RunningProgram> {
  const running = startProgram(program, signal);
  onStarted?.(running);
  let ended: string | undefined;
  void running.exited.then((reason) => (ended = reason));
  const deadline = Date.now() + readyWithin;
  while (!(await answers(readyUrl))) {
    if (ended !== undefined) throw new Error(ended);
    if (Date.now() > deadline) {
      running.kill();
      throw new Error(`not ready after ${readyWithin / 1000} s (${readyUrl})`);
    }
    await wait(40);
  }
  return running;
}

/** Whether GET `url` answers 200 within five seconds. Leaves no connection open behind it. */
export function answers(url: string): Promise<boolean> {
  return new Promise((done) => {
    const asked = get(url, { agent: false, timeout: 5_000 }, (answer) => {
      answer.resume();
      answer.once('end', () => done(answer.statusCode === 200)).once('error', () => done(false));
    });
    asked.once('timeout', () => asked.destroy()).once('error', () => done(false));
  });
}
