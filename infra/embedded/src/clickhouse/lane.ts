/** Places for requests of one kind, so that slow reads never hold up the writer and the other way round. */

export class Busy extends Error {}

interface Waiting {
  who: string;
  take(place: number): void;
}

export class Lane {
  readonly #free: number[];
  readonly #held = new Map<string, number>();
  #waiting: Waiting[] = [];
  readonly #share: number;
  readonly #queue: number;
  readonly size: number;

  /**
   * @param size how many requests may run at once
   * @param share how many of them may be one user's
   * @param queue how many may wait beyond that
   */
  constructor(size: number, share: number, queue: number) {
    this.size = size;
    this.#share = share;
    this.#queue = queue;
    this.#free = Array.from({ length: size }, (_, place) => place);
  }

  get active(): number {
    return this.size - this.#free.length;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Runs the work in a place of its own, numbered from 0 to size - 1, when one is free.
   *
   * @throws Busy when the queue is full; the signal's reason when it is aborted while waiting
   */
  async run<T>(who: string, signal: AbortSignal, work: (place: number) => Promise<T>): Promise<T> {
    const place = await this.#take(who, signal);
    try {
      return await work(place);
    } finally {
      this.#held.set(who, this.#held.get(who)! - 1);
      this.#free.push(place);
      this.#admit();
    }
  }

  #take(who: string, signal: AbortSignal): Promise<number> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        reject(signal.reason as Error);
      };
      const waiting: Waiting = {
        who,
        take(place) {
          signal.removeEventListener('abort', leave);
          resolve(place);
        },
      };
      this.#waiting.push(waiting);
      this.#admit();
      if (!this.#waiting.includes(waiting)) return;
      if (this.#waiting.length > this.#queue) {
        this.#waiting.pop();
        reject(new Busy('Too many simultaneous queries'));
      } else signal.addEventListener('abort', leave);
    });
  }

  /** Lets in, in order of arrival, who is still within their share. */
  #admit(): void {
    for (const waiting of this.#waiting) {
      const held = this.#held.get(waiting.who) ?? 0;
      if (this.#free.length === 0) return;
      if (held >= this.#share) continue;
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      this.#held.set(waiting.who, held + 1);
      waiting.take(this.#free.shift()!);
    }
  }
}
