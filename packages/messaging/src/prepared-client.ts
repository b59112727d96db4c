import { createHash } from 'node:crypto';
import { Client } from 'pg';

/** More texts than these are no texts of ours: they are built from data, and each would stay in PostgreSQL's memory. */
const MOST = 1000;
const names = new Map<string, string>();
let prepare = true;

/**
 * A connection on which a statement with parameters is parsed and planned once, not every time: half of what PostgreSQL
 * did for an order was planning (docs/performance.md).
 *
 * A migration may change what a prepared `SELECT *` returns; PostgreSQL refuses that once (0A000, "cached plan must not
 * change result type"), and from then on this process prepares nothing until it is started anew.
 */
export class PreparedClient extends Client {
  constructor(...config: ConstructorParameters<typeof Client>) {
    super(...config);
    // Lost between two statements, while a pool has lent it out and listens no more: the next statement fails, not the process.
    this.on('error', () => {});
  }

  override query = ((config: unknown, values?: unknown, callback?: unknown): unknown => {
    const query = Client.prototype.query.bind(this) as (...args: unknown[]) => unknown;
    const name = typeof config === 'string' && Array.isArray(values) && values.length > 0 ? nameOf(config) : undefined;
    if (!name) return query(config, values, callback);
    const result = query({ name, text: config, values }, callback);
    if (!(result instanceof Promise)) return result;
    return result.catch((error: unknown) => {
      if (isStale(error)) prepare = false;
      throw error;
    });
  }) as Client['query'];
}

/** Whether a statement has been prepared before a migration; sent again it succeeds. */
export const isStale = (error: unknown): boolean =>
  (error as { code?: unknown }).code === '0A000' && /cached plan/.test((error as Error).message);

function nameOf(text: string): string | undefined {
  if (!prepare) return undefined;
  const known = names.get(text);
  if (known || names.size >= MOST) return known;
  const name = createHash('sha256').update(text).digest('base64url').slice(0, 22);
  names.set(text, name);
  return name;
}
