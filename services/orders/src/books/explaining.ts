import type { differencesOfCode } from '@fenxiao/contracts/books';
import { domainError } from '@fenxiao/domain/domain-error';
import type { Work } from '@fenxiao/service-kit/work';
import type { z } from 'zod';

/** O-22: every difference needs an explanation before both sides sign. */

interface Explanation {
  readonly line: number;
  readonly explanation: string;
}

/** @returns how many are left without one @throws unknownLine */
export async function explain(work: Work, reconciliation: string, given: readonly Explanation[]): Promise<number> {
  const lines = given.map(({ line }) => line);
  const found = await work.query<{ line: number }>(
    `UPDATE reconciliation_difference d SET explanation = e.explanation, explained_by = $4
     FROM unnest($2::int[], $3::text[]) e(line, explanation) WHERE d.reconciliation = $1 AND d.line = e.line RETURNING d.line`,
    [reconciliation, lines, given.map(({ explanation }) => explanation), work.actor.person],
  );
  const known = new Set(found.map(({ line }) => line));
  const missing = lines.find((line) => !known.has(line));
  if (missing !== undefined) throw unknownLine({ line: missing }, { field: 'explanations' });
  const [left] = await work.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM reconciliation_difference WHERE reconciliation = $1 AND explanation IS NULL',
    [reconciliation],
  );
  return left!.n;
}

/** How many differences of each code, and their value without signs. */
export const byCode = (work: Work, reconciliation: string) =>
  work.query<z.infer<typeof differencesOfCode>>(
    `SELECT code, count(*)::int AS differences, sum(abs(difference))::text AS amount
     FROM reconciliation_difference WHERE reconciliation = $1 GROUP BY code ORDER BY code`,
    [reconciliation],
  );

const unknownLine = domainError({
  code: 'orders.reconciliation.unknown-line',
  kind: 'unprocessable',
  rule: 'O-22',
  en: 'There is no difference {line}.',
  zh: '没有第{line}项差异。',
});
