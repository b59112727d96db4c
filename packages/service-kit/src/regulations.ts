import type { Event } from '@fenxiao/contracts/event';
import { agreementAcceptanceEvents, readConfirmationEvents, regulationEvents } from '@fenxiao/contracts/regulations';
import type { Sql } from '@fenxiao/messaging/sql';
import { EventContext, On } from '@fenxiao/messaging/transport';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import type { Work } from './work.js';

/** every service keeps the regulations in force, and who has read and accepted them, from events. */
@Controller()
export class RegulationsProjection {
  @On(regulationEvents.effective)
  effective(
    @Payload() { subject, data }: Event<typeof regulationEvents.effective>,
    @Ctx() { work }: EventContext<Work>,
  ) {
    const { code, version, type, effectiveFrom, clauses, mustBeReadFirst } = data.form;
    return work.query(
      `INSERT INTO known_regulation (id, code, version, type, effective_from, clauses, must_be_read_first, in_force)
       VALUES ($1, $2, $3, $4, $5, $6, $7, true) ON CONFLICT (id) DO NOTHING`,
      [subject, code, version, type, effectiveFrom, clauses, mustBeReadFirst],
    );
  }

  @On(regulationEvents.replaced)
  replaced(@Payload() { subject }: Event<typeof regulationEvents.replaced>, @Ctx() { work }: EventContext<Work>) {
    return work.query('UPDATE known_regulation SET in_force = false WHERE id = $1', [subject]);
  }

  @On(readConfirmationEvents.confirmed)
  confirmed(@Payload() { data }: Event<typeof readConfirmationEvents.confirmed>, @Ctx() { work }: EventContext<Work>) {
    return work.query('INSERT INTO known_reading (regulation, person) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      data.form.regulationId,
      data.meta.actor,
    ]);
  }

  @On(agreementAcceptanceEvents.accepted)
  accepted(
    @Payload() { data, time }: Event<typeof agreementAcceptanceEvents.accepted>,
    @Ctx() { work }: EventContext<Work>,
  ) {
    return work.query(
      `INSERT INTO known_acceptance (agreement, person, accepted_on) VALUES ($1, $2, $3)
       ON CONFLICT (person, agreement) DO UPDATE SET accepted_on = greatest(known_acceptance.accepted_on, excluded.accepted_on)`,
      [data.form.agreementId, data.meta.actor, work.calendar.dateOf(new Date(time))],
    );
  }
}

/** The document in force that a clause stands in, as a refusal names it. */
export interface Regulation {
  readonly code: string;
  readonly version: number;
  readonly effectiveFrom: string;
  /** where it is read, below the gateway */
  readonly path: string;
}

/** How long the regulations in force are kept in mind, in milliseconds. */
const FRESH_MS = 1000;

/** Which regulation in force covers a clause: one query a second at most, however many refusals. */
export class Regulations {
  #known: { readonly until: number; readonly byClause: Promise<ReadonlyMap<string, Regulation>> } | undefined;

  constructor(private readonly sql: Sql) {}

  /** @returns undefined when none covers it, or the database can't say: a refusal is answered all the same */
  async covering(clause: string): Promise<Regulation | undefined> {
    const now = performance.now();
    if (!this.#known || this.#known.until <= now) this.#known = { until: now + FRESH_MS, byClause: this.#load() };
    return this.#known.byClause.then(
      (byClause) => byClause.get(clause),
      () => undefined,
    );
  }

  async #load(): Promise<ReadonlyMap<string, Regulation>> {
    const rows = await this.sql.query<{ clause: string; id: string; code: string; version: number; from: string }>(
      `SELECT DISTINCT ON (clause) clause, id, code, version, effective_from::text AS from
       FROM known_regulation, unnest(clauses) AS clause WHERE in_force ORDER BY clause, effective_from DESC, version DESC, id`,
    );
    return new Map(
      rows.map(({ clause, id, code, version, from }) => [
        clause,
        { code, version, effectiveFrom: from, path: pathOf(id) },
      ]),
    );
  }
}

export const pathOf = (id: string) => `/api/appraisals/regulations/${id}`;
