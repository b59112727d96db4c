import { delegationEvents, personEvents, positionEvents } from '@fenxiao/contracts/appraisals';
import { regionEvents } from '@fenxiao/contracts/distributors';
import type { Event } from '@fenxiao/contracts/event';
import type { Role } from '@fenxiao/contracts/roles';
import type { Sql } from '@fenxiao/messaging/sql';
import { EventContext, On } from '@fenxiao/messaging/transport';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { LRUCache } from 'lru-cache';
import type { Scope } from '@fenxiao/procedures/procedure';
import type { Actor, Position, PowerChanges } from './actor.js';
import { pendingOf, type Pending } from './gate.js';
import type { Work } from './work.js';

/**
 * every service keeps people, positions and regions from events, in its own tables, and asks nobody when a
 * request comes in. A change is in force everywhere within two seconds: the time of an event plus this cache's.
 */
@Controller()
export class PeopleProjection {
  @On(personEvents.registered)
  registered(@Payload() event: Event<typeof personEvents.registered>, @Ctx() { work }: EventContext<Work>) {
    return this.person(event, work);
  }

  @On(personEvents.changed)
  changed(@Payload() event: Event<typeof personEvents.changed>, @Ctx() { work }: EventContext<Work>) {
    return this.person(event, work);
  }

  @On(personEvents.left)
  left(@Payload() { subject, data }: Event<typeof personEvents.left>, @Ctx() { work }: EventContext<Work>) {
    return work.query('UPDATE known_person SET last_day = $2 WHERE id = $1', [subject, data.lastDay]);
  }

  @On(positionEvents.assigned)
  assigned(@Payload() { subject, data }: Event<typeof positionEvents.assigned>, @Ctx() { work }: EventContext<Work>) {
    return work.query(
      `INSERT INTO known_position (id, person, roles, region, unit, valid_from, valid_to) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (id) DO UPDATE SET roles = excluded.roles, region = excluded.region, unit = excluded.unit,
         valid_from = excluded.valid_from, valid_to = excluded.valid_to`,
      [subject, data.personId, data.roles, data.regionId, data.unit, data.validFrom, data.validTo],
    );
  }

  @On(positionEvents.ended)
  ended(@Payload() { subject, data }: Event<typeof positionEvents.ended>, @Ctx() { work }: EventContext<Work>) {
    return work.query('UPDATE known_position SET valid_to = $2 WHERE id = $1', [subject, data.validTo]);
  }

  @On(delegationEvents.started)
  delegated(@Payload() { subject, data }: Event<typeof delegationEvents.started>, @Ctx() { work }: EventContext<Work>) {
    const { absentId, delegateId, until } = data.form;
    return work.query(
      'INSERT INTO known_delegation (id, absent, delegate, until_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
      [subject, absentId, delegateId, until],
    );
  }

  @On(delegationEvents.ended)
  delegationEnded(@Payload() { subject }: Event<typeof delegationEvents.ended>, @Ctx() { work }: EventContext<Work>) {
    return work.query('DELETE FROM known_delegation WHERE id = $1', [subject]);
  }

  @On(regionEvents.created)
  regionCreated(@Payload() event: Event<typeof regionEvents.created>, @Ctx() { work }: EventContext<Work>) {
    return this.region(event, work, event.data.managerId);
  }

  @On(regionEvents.changed)
  regionChanged(@Payload() event: Event<typeof regionEvents.changed>, @Ctx() { work }: EventContext<Work>) {
    return this.region(event, work);
  }

  @On(regionEvents['owner-changed'])
  ownerChanged(
    @Payload() { subject, data }: Event<(typeof regionEvents)['owner-changed']>,
    @Ctx() { work }: EventContext<Work>,
  ) {
    return work.query('UPDATE known_region SET manager = $2 WHERE id = $1', [subject, data.managerId]);
  }

  @On(regionEvents.closed)
  regionClosed(@Payload() { subject, data }: Event<typeof regionEvents.closed>, @Ctx() { work }: EventContext<Work>) {
    return work.query('UPDATE known_region SET valid_to = $2 WHERE id = $1', [subject, data.validTo]);
  }

  private person({ subject, data }: Event<typeof personEvents.registered>, work: Work) {
    return work.query(
      `INSERT INTO known_person (id, staff_number, subject) VALUES ($1, $2, $3)
       ON CONFLICT (id) DO UPDATE SET staff_number = excluded.staff_number, subject = excluded.subject`,
      [subject, data.staffNumber, data.subject],
    );
  }

  private region({ subject, data }: Event<typeof regionEvents.changed>, work: Work, manager?: string) {
    return work.query(
      `INSERT INTO known_region (id, code, name, parent, manager, valid_from) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (id) DO UPDATE SET code = excluded.code, name = excluded.name, parent = excluded.parent, valid_from = excluded.valid_from`,
      [subject, data.code, data.name, data.parentId, manager, data.validFrom],
    );
  }
}

/** How long an answer about somebody's positions is reused, in milliseconds. */
const FRESH_MS = 1000;

/** Who stands behind a token's `sub`, with the positions held today. */
export class People {
  readonly #cache = new LRUCache<string, { actor: Actor | null }>({ max: 10_000, ttl: FRESH_MS });
  #changes: { key: string; until: number; map: Promise<PowerChanges> } | undefined;

  constructor(
    private readonly sql: Sql,
    private readonly now: () => Date,
    private readonly dateOf: (instant: Date) => string,
  ) {}

  /** @returns undefined for a subject that belongs to nobody, or to somebody who has left */
  async actorFor(subject: string): Promise<Actor | undefined> {
    const now = this.now();
    const day = this.dateOf(now);
    const key = `${day} ${subject}`;
    const cached = this.#cache.get(key);
    if (cached) return cached.actor ?? undefined;
    const [[found], changes] = await Promise.all([
      this.sql.query<Found>(findActor, [subject, day, now]),
      this.changes(day),
    ]);
    const actor: Actor | undefined = found && {
      person: found.id,
      positions: found.positions,
      pending: found.pending,
      ...(found.acting.length > 0 ? { acting: found.acting } : {}),
      ...(changes.size > 0 ? { changes } : {}),
    };
    this.#cache.set(key, { actor: actor ?? null });
    return actor;
  }

  /** What is changed of the declared powers on a day, asked for once a second at most. */
  changes(day: string): Promise<PowerChanges> {
    const at = performance.now();
    if (this.#changes?.key === day && at < this.#changes.until) return this.#changes.map;
    const map = this.sql.query<{ key: string; role: string; power: string }>(powerChanges, [day]).then((rows) => {
      const byKey = new Map<string, Record<string, Scope | 'never'>>();
      for (const { key, role, power } of rows)
        if (power !== 'as-declared') byKey.set(key, { ...byKey.get(key), [role]: power as Scope | 'never' });
      return byKey;
    });
    this.#changes = { key: day, until: at + FRESH_MS, map };
    map.catch(() => (this.#changes = undefined));
    return map;
  }
}

interface Found {
  readonly id: string;
  readonly positions: Position[];
  readonly acting: Position[];
  readonly pending: Pending;
}

/** The positions a person holds on the day $2, as JSON. */
const positionsOf = (person: string) => `coalesce((
  SELECT jsonb_agg(jsonb_build_object('roles', k.roles, 'region', k.region, 'unit', k.unit, 'regions', coalesce((
    WITH RECURSIVE below AS (
      SELECT id FROM known_region WHERE id = k.region
      UNION SELECT r.id FROM known_region r JOIN below ON r.parent = below.id)
    SELECT jsonb_agg(id) FROM below), '[]')) ORDER BY k.valid_from, k.id)
  FROM known_position k
  WHERE k.person = ${person} AND k.valid_from <= $2::date AND (k.valid_to IS NULL OR k.valid_to >= $2::date)), '[]')`;

/** changes of powers in force on a day; of several for the same role and move the one that took effect last. */
const powerChanges = `
SELECT DISTINCT ON (form->>'procedure', form->>'move', form->>'role')
       (form->>'procedure') || '.' || (form->>'move') AS key, form->>'role' AS role, form->>'power' AS power
FROM form_document WHERE procedure = 'power-change' AND state = 'approved' AND form->>'validFrom' <= $1
ORDER BY form->>'procedure', form->>'move', form->>'role', form->>'validFrom' DESC, entered_at DESC, id DESC`;

/**
 * $1 subject, $2 today, $3 now. Whoever acts for the sales manager runs all daily operation inside sales, that of the
 * order clerk too (O-04). Leaving ends all access on the last day (X-01a); positions and regions hold by date.
 */
const findActor = `
SELECT p.id, ${positionsOf('p.id')} AS positions, coalesce((
  SELECT jsonb_agg(acting || jsonb_build_object('roles', '["sales-manager", "order-clerk"]'::jsonb, 'actingFor', d.absent))
  FROM known_delegation d, jsonb_array_elements(${positionsOf('d.absent')}) acting
  WHERE d.delegate = p.id AND d.until_at > $3 AND acting->'roles' ? 'sales-manager'
    AND EXISTS (SELECT FROM known_position k WHERE k.person = p.id AND 'sales-support-clerk' = ANY (k.roles)
      AND k.valid_from <= $2::date AND (k.valid_to IS NULL OR k.valid_to >= $2::date))), '[]') AS acting, ${pendingOf} AS pending
FROM known_person p
WHERE p.subject = $1 AND (p.last_day IS NULL OR p.last_day > $2::date)`;

/** Role lists as a token's holder sees them: for `GET /me`. */
export const rolesOf = (actor: Actor): Role[] => [...new Set(actor.positions.flatMap(({ roles }) => roles))];
