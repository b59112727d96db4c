import { appendFileSync } from 'node:fs';
import { it } from '@jest/globals';

/**
 * A test of one clause of the regulations. Every clause needs the allowed, the refused and the boundary case;
 * `npm run clauses` prints what actually ran and passed.
 */
export function clause(
  id: string,
  aspect: 'allowed' | 'refused' | 'boundary',
  behaviour: string,
  test: () => Promise<void> | void,
  timeoutMs = 30_000,
): void {
  it(
    `${id} ${aspect}: ${behaviour}`,
    async () => {
      await test();
      const file = process.env['CLAUSE_RECORD'];
      if (file) appendFileSync(file, `${JSON.stringify({ id, aspect, behaviour })}\n`);
    },
    timeoutMs,
  );
}
