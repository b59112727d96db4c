import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** Whether a process with this number exists and has not ended (a zombie has). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return statOf(pid)?.[0] !== 'Z';
}

/**
 * When the process started, as text that differs between two processes that had the same number one after the other.
 * Undefined when it does not run.
 */
export function startOf(pid: number): string | undefined {
  return process.platform === 'linux' ? statOf(pid)?.[19] : ps(pid, 'lstart=');
}

export function parentOf(pid: number): number | undefined {
  const parent = process.platform === 'linux' ? statOf(pid)?.[1] : ps(pid, 'ppid=');
  return parent === undefined ? undefined : Number(parent);
}

/** The command line of the process, or undefined when it does not run or is not to be seen. */
export function whatRuns(pid: number): string | undefined {
  if (process.platform !== 'linux') return ps(pid, 'command=');
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined;
  } catch {
    return undefined;
  }
}

/** The folder the process works in; undefined where the system does not show it. */
export function workingFolderOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** A process as it is remembered between two runs: its number alone may have passed to another one. */
export interface KnownProcess {
  pid: number;
  start: string;
}

export function remember(pid: number): KnownProcess {
  return { pid, start: startOf(pid) ?? '' };
}

export function stillRuns(known: KnownProcess): boolean {
  return isAlive(known.pid) && startOf(known.pid) === known.start;
}

/** Asks the process to end (SIGTERM) and kills it when it has not done so after `seconds`. */
export async function end(known: KnownProcess, seconds: number): Promise<void> {
  for (const [signal, patience] of [
    ['SIGTERM', seconds],
    ['SIGKILL', 5],
  ] as const) {
    if (!stillRuns(known)) return;
    process.kill(known.pid, signal);
    for (let tick = 0; tick < patience * 20 && stillRuns(known); tick++) await wait(50);
  }
}

/** Who listens on the TCP port: "pid 123 (command line)", or undefined when the system does not tell this user. */
export function listenerOn(port: number): string | undefined {
  const pid = process.platform === 'linux' ? listenerFromProc(port) : listenerFromLsof(port);
  return pid === undefined ? undefined : `pid ${pid} (${(whatRuns(pid) ?? 'unknown').slice(0, 120)})`;
}

function listenerFromProc(port: number): number | undefined {
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readOrEmpty(table).split('\n')) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      const listens = state === '0A';
      if (listens && inode && Number.parseInt(local?.split(':')[1] ?? '', 16) === port) inodes.add(`socket:[${inode}]`);
    }
  }
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const open = readdirSync(`/proc/${pid}/fd`);
      if (open.some((fd) => inodes.has(linkOrEmpty(`/proc/${pid}/fd/${fd}`)))) return Number(pid);
    } catch {
      // The process ended meanwhile, or belongs to another user.
    }
  }
  return undefined;
}

function listenerFromLsof(port: number): number | undefined {
  const { stdout } = spawnSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], { encoding: 'utf8' });
  return Number(stdout?.split('\n')[0]) || undefined;
}

/** Fields of /proc/<pid>/stat from the third (state) on; the second can hold blanks and brackets. */
function statOf(pid: number): string[] | undefined {
  const text = readOrEmpty(`/proc/${pid}/stat`);
  return text ? text.slice(text.lastIndexOf(')') + 2).split(' ') : undefined;
}

function ps(pid: number, column: string): string | undefined {
  return spawnSync('ps', ['-p', String(pid), '-o', column], { encoding: 'utf8' }).stdout?.trim() || undefined;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function linkOrEmpty(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
