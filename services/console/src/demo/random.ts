import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Chance that repeats: the same seed and the same calls in the same order give the same answers. */
export class Random {
  readonly #seed: string;
  readonly #generator;

  constructor(seed: string) {
    this.#seed = seed;
    this.#generator = xoroshiro128plus(createHash('sha256').update(seed).digest().readInt32LE());
  }

  /** A stream of its own, so that more draws in one part of the data do not change the others. */
  stream(name: string): Random {
    return new Random(`${this.#seed}/${name}`);
  }

  /** [0, 1) */
  float(): number {
    return uniformFloat64(this.#generator);
  }

  between(from: number, to: number): number {
    return from + (to - from) * this.float();
  }

  /** both ends included */
  int(from: number, to: number): number {
    return uniformInt(this.#generator, from, to);
  }

  chance(probability: number): boolean {
    return this.float() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)]!;
  }

  /** One of the list, each as likely as its weight says. Not all weights may be zero. */
  weighted<T>(list: readonly T[], weights: readonly number[]): T {
    let left = this.float() * weights.reduce((sum, weight) => sum + weight, 0);
    const index = weights.findIndex((weight) => (left -= weight) < 0);
    return list[index < 0 ? weights.findLastIndex((weight) => weight > 0) : index]!;
  }

  /** mean 0, standard deviation 1 (Box and Muller) */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.float())) * Math.cos(2 * Math.PI * this.float());
  }

  /** How often something happens that happens `mean` times on average (Knuth; for means up to some hundreds). */
  poisson(mean: number): number {
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.float(); product > limit; product *= this.float()) count++;
    return count;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.int(0, 255));
  }

  shuffled<T>(list: readonly T[]): T[] {
    const rest = [...list];
    for (let i = rest.length - 1; i > 0; i--) {
      const j = this.int(0, i);
      [rest[i], rest[j]] = [rest[j]!, rest[i]!];
    }
    return rest;
  }
}

/** Shares out `total` pieces by weight (largest remainder), with at least `least` for each where there are enough. */
export function apportion(total: number, weights: readonly number[], least = 0): number[] {
  const base = total >= least * weights.length ? least : 0;
  const rest = total - base * weights.length;
  const sum = weights.reduce((a, b) => a + b, 0);
  const exact = weights.map((weight) => (rest * weight) / sum);
  const shares = exact.map(Math.floor);
  const open = rest - shares.reduce((a, b) => a + b, 0);
  const byRemainder = exact.map((share, i) => ({ i, remainder: share - Math.floor(share) }));
  byRemainder.sort((a, b) => b.remainder - a.remainder || a.i - b.i);
  for (const { i } of byRemainder.slice(0, open)) shares[i]!++;
  return shares.map((share) => share + base);
}
