import { closeSync, existsSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const largest = 10 * 1024 * 1024;
const kept = 3;
const diskErrors = new Set(['ENOSPC', 'EDQUOT', 'EIO']);

/** What one process writes: into `<folder>/<name>.log`, of which three older ones are kept, and its last lines in memory. */
export class ProcessLog {
  readonly file: string;
  readonly #echo: ((line: string) => void) | undefined;
  readonly #largest: number;
  #descriptor: number;
  #bytes: number;
  #tail = '';

  /** @param echo gets every line too */
  constructor(folder: string, name: string, echo?: (line: string) => void, largestBytes = largest) {
    this.file = join(folder, `${name}.log`);
    this.#echo = echo && ((line) => echo(`[${name}] ${line}`));
    this.#largest = largestBytes;
    [this.#descriptor, this.#bytes] = this.#open();
  }

  /**
   * Written at once, so that a process's last words are there even if this one dies with it. What a full disk does not
   * take is lost: nobody ends for want of a log.
   */
  write(text: string): void {
    try {
      if (this.#bytes > this.#largest) this.#rotate();
      this.#bytes += writeSync(this.#descriptor, text);
    } catch (error) {
      if (!diskErrors.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
    const lines = (this.#tail + text).split('\n');
    if (this.#echo) for (const line of lines.slice(this.#tail.split('\n').length - 1, -1)) this.#echo(line);
    this.#tail = lines.slice(-40).join('\n').slice(-8000);
  }

  lastLines(): string {
    return this.#tail.trim();
  }

  /** Forgets the last lines, not the file: before a new start. */
  turnPage(): void {
    this.#tail = '';
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #open(): [descriptor: number, bytes: number] {
    const descriptor = openSync(this.file, 'a', 0o600);
    return [descriptor, fstatSync(descriptor).size];
  }

  #rotate(): void {
    closeSync(this.#descriptor);
    for (let n = kept; n > 0; n--) {
      const from = n === 1 ? this.file : `${this.file}.${n - 1}`;
      if (existsSync(from)) renameSync(from, `${this.file}.${n}`);
    }
    [this.#descriptor, this.#bytes] = this.#open();
  }
}
