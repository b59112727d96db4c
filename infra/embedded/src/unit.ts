import { setTimeout as wait } from 'node:timers/promises';
import type { ProcessLog } from './process-log.js';
import type { RunningProcess } from './programs.js';

export interface UnitOptions {
  name: string;
  log: ProcessLog;
  /** Starts the process and resolves when it is ready; when the signal comes earlier, ends it instead. */
  launch: (signal: AbortSignal) => Promise<RunningProcess>;
  /** Told of every process that became ready. */
  onReady: (running: RunningProcess) => void;
  /** Told what happens after the start. */
  say: (text: string) => void;
  /** Told when restarting has been given up. */
  onGivenUp: (error: Error) => void;
}

/** A process that ends within this many milliseconds has failed at once. */
const atOnce = 10_000;
const mostFailures = 5;

/** One process that is to run all the time: started again, each time a little later, until it has failed at once five times. */
export class Unit {
  readonly name: string;
  readonly #options: UnitOptions;
  readonly #stopping = new AbortController();
  #running: RunningProcess | undefined;
  /** The start or restart under way, or the last one. */
  #starting: Promise<void> = Promise.resolve();
  #failures = 0;

  constructor(options: UnitOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** Resolves when the process is ready. @throws with its last words when it failed at once five times */
  start(): Promise<void> {
    return (this.#starting = this.#start());
  }

  /** Ends the process in order and does not start it again. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#starting.catch(() => undefined);
    await this.#running?.stop();
  }

  kill(): void {
    this.#stopping.abort();
    this.#running?.kill();
  }

  async #start(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const since = Date.now();
      this.#options.log.turnPage();
      try {
        this.#running = await this.#options.launch(signal);
        if (signal.aborted) return;
        this.#options.onReady(this.#running);
        void this.#running.exited.then((reason) => this.#ended(reason, since));
        return;
      } catch (error) {
        if (!signal.aborted) await this.#failed(error instanceof Error ? error.message : String(error), since);
      }
    }
  }

  #ended(reason: string, since: number): void {
    if (this.#stopping.signal.aborted) return;
    this.#running = undefined;
    this.#starting = this.#failed(reason, since).then(() => this.#start());
    this.#starting.catch((error: unknown) =>
      this.#options.onGivenUp(error instanceof Error ? error : new Error(String(error))),
    );
  }

  async #failed(reason: string, since: number): Promise<void> {
    this.#failures = Date.now() - since < atOnce ? this.#failures + 1 : 1;
    const { name, log, say } = this.#options;
    if (this.#failures >= mostFailures) {
      this.#failures = 0;
      const lastWords = log.lastLines().split('\n').slice(-15).join('\n');
      throw new Error(
        `${name} failed ${mostFailures} times at once: ${reason}\n${lastWords}\n(all of it: ${log.file})`,
      );
    }
    const seconds = 0.25 * 2 ** this.#failures;
    say(`${name} ended (${reason.split('\n')[0]}), starting it again in ${seconds} s`);
    await wait(seconds * 1000, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
