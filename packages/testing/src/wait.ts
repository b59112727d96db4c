import { setTimeout as delay } from 'node:timers/promises';

/** Waits until a condition holds and returns its value; tests wait for what they need, never for a time. */
export async function until<T>(
  what: string,
  condition: () => Promise<T | undefined | false | null>,
  timeoutMs = 20_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false && value !== null) return value;
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`);
    await delay(10);
  }
}
