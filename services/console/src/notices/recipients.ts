import type { Audience } from '@fenxiao/contracts/platform';
import type { Sql } from '@fenxiao/messaging/sql';

/**
 * the persons a notice is for: those named, and those whose positions today hold one of the powers over the
 * object. Nobody twice; nobody who has left, has no account, is excepted, or holds a role that may never.
 * @param today date in the business time zone
 */
export async function recipientsOf(sql: Sql, to: Audience, today: string): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(find, [
    today,
    to.persons ?? [],
    JSON.stringify(to.powers ?? {}),
    to.region ?? null,
    to.unit ?? null,
    [to.createdBy, to.owner].filter(Boolean),
    to.except ?? [],
  ]);
  return rows.map(({ id }) => id);
}

/** A power reaches down: it is the object's region or one above it that the position has to be in. */
const find = `
WITH RECURSIVE above AS (
  SELECT id, parent FROM known_region WHERE id = $4
  UNION SELECT r.id, r.parent FROM known_region r JOIN above ON above.parent = r.id),
held AS (
  SELECT k.person, k.region, k.unit, power.scope
  FROM known_position k, unnest(k.roles) role JOIN jsonb_each_text($3::jsonb) power(role, scope) USING (role)
  WHERE k.valid_from <= $1::date AND (k.valid_to IS NULL OR k.valid_to >= $1::date))
SELECT p.id FROM known_person p
WHERE p.subject IS NOT NULL AND (p.last_day IS NULL OR p.last_day > $1::date) AND NOT p.id::text = ANY($7::text[])
  AND (p.id = ANY($2::uuid[]) OR EXISTS (SELECT FROM held WHERE held.person = p.id AND CASE held.scope
      WHEN 'all' THEN true
      WHEN 'region' THEN held.region IN (SELECT id FROM above UNION SELECT $4::uuid)
      WHEN 'unit' THEN held.unit = $5
      WHEN 'own' THEN p.id::text = ANY($6::text[])
    END) AND NOT EXISTS (SELECT FROM held WHERE held.person = p.id AND held.scope = 'never'))
ORDER BY p.id`;
