/** How many failures a key may have within a while before it has to wait. */
export interface Allowance {
  failures: number;
  seconds: number;
}

/**
 * Counts failed attempts per key (an account, an address) in memory. An attempt is counted before it is made, so that many
 * at once can't slip through, and forgiven when it succeeds.
 */
export class Throttle {
  readonly allowance: Allowance;
  readonly now: () => number;
  readonly #entries = new Map<string, { count: number; ends: number }>();

  constructor(allowance: Allowance, now: () => number = Date.now) {
    this.allowance = allowance;
    this.now = now;
  }

  /** @returns 0 when the attempt may be made (it is counted), or the seconds to wait before the next. */
  attempt(key: string): number {
    const now = this.now();
    // Entries stand in the order in which they end.
    for (const [old, { ends }] of this.#entries) {
      if (ends > now) break;
      this.#entries.delete(old);
    }
    const entry = this.#entries.get(key) ?? { count: 0, ends: now + this.allowance.seconds * 1000 };
    if (entry.count >= this.allowance.failures) return Math.ceil((entry.ends - now) / 1000);
    entry.count++;
    this.#entries.set(key, entry);
    return 0;
  }

  forgive(key: string): void {
    const entry = this.#entries.get(key);
    if (entry && --entry.count <= 0) this.#entries.delete(key);
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }
}
