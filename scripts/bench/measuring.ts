import { readdirSync, readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** What the benches share: CPU and memory of other processes, percentiles, and lines of figures. Linux only. */

const TICKS = 100; // of /proc/*/stat, a second

/** Fields of /proc/<pid>/stat after the name, which may hold anything. */
const stat = (pid: number | string): string[] => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
};

/** A process and all that descend from it and live. */
function family(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)))
    try {
      parents.set(Number(name), Number(stat(name)[1]));
    } catch {
      // it has ended since
    }
  const found = [pid];
  for (const member of found) for (const [child, parent] of parents) if (parent === member) found.push(child);
  return found;
}

/** CPU seconds that a process and its children have used, those that have ended included; of this process, itself alone. */
export function cpuSeconds(pid: number): number {
  if (pid === process.pid) {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }
  let ticks = 0;
  for (const member of family(pid))
    try {
      ticks += stat(member)
        .slice(11, 15)
        .reduce((sum, field) => sum + Number(field), 0);
    } catch {
      // it has ended since; its parent has counted it
    }
  return ticks / TICKS;
}

/** Memory of a process and its children in MB; what they share counts once. */
export function memoryMb(pid: number): number {
  let kb = 0;
  for (const member of family(pid))
    try {
      kb += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${member}/smaps_rollup`, 'utf8'))![1]);
    } catch {
      // it has ended since
    }
  return kb / 1024;
}

/** Runs something and says how long it took and which CPU seconds each process used meanwhile. */
export async function during<T>(
  processes: Readonly<Record<string, number>>,
  run: () => Promise<T>,
): Promise<{ value: T; seconds: number; cpu: Record<string, number> }> {
  const used = () => Object.entries(processes).map(([name, pid]) => [name, cpuSeconds(pid)] as const);
  const before = new Map(used());
  const started = performance.now();
  const value = await run();
  const seconds = (performance.now() - started) / 1000;
  return { value, seconds, cpu: Object.fromEntries(used().map(([name, cpu]) => [name, cpu - before.get(name)!])) };
}

/** @param share 0.5 for the median */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const percentiles = (ms: readonly number[]): string =>
  [0.5, 0.95, 0.99].map((share) => `p${share * 100} ${percentile(ms, share).toFixed(1)} ms`).join(', ');

export const perMillion = (cpu: Readonly<Record<string, number>>, count: number): string =>
  Object.entries(cpu)
    .map(([name, seconds]) => `${name} ${((seconds / count) * 1e6).toFixed(1)}`)
    .join(', ');

export const thousands = (value: number): string => Math.round(value).toLocaleString('en-US');

export function say(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(44)} ${figure}\n`);
}

export function sayMachine(): void {
  const [cpu] = cpus();
  say(
    'machine',
    `${cpus().length} × ${cpu!.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
  );
}
