import type { Event } from '@fenxiao/contracts/event';
import { powerChangeEvents } from '@fenxiao/contracts/powers';
import { topics } from '@fenxiao/contracts/topics';
import type { Sql } from '@fenxiao/messaging/sql';
import type { EventContext } from '@fenxiao/messaging/transport';
import type { Work } from '@fenxiao/service-kit/work';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';

type Approved = ReturnType<typeof powerChangeEvents>['approved'];

const types = Object.keys(topics).map((topic) => powerChangeEvents(topic.replace(/^fenxiao\./, '')).approved.type);

/** keeps what every service has changed of its powers. */
@Controller()
export class PowerChangeProjection {
  @EventPattern(types)
  approved(@Payload() { subject, source, time, data }: Event<Approved>, @Ctx() { work }: EventContext<Work>) {
    const { procedure, move, role, power, validFrom } = data.form;
    return work.query(
      `INSERT INTO known_power_change (id, service, procedure, move, role, power, valid_from, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT DO NOTHING`,
      [subject, source.slice(1), procedure, move, role, power, validFrom, time],
    );
  }
}

/** Powers over a move as they are in force on a day: of several changes for a role the one that took effect last. */
export async function powersInForce(
  sql: Sql,
  { service, procedure, move }: { service: string; procedure: string; move?: string | undefined },
  powers: Readonly<Record<string, string>>,
  today: string,
): Promise<Readonly<Record<string, string>>> {
  if (!move) return powers;
  const changes = await sql.query<{ role: string; power: string }>(
    `SELECT DISTINCT ON (role) role, power FROM known_power_change
     WHERE service = $1 AND procedure = $2 AND move = $3 AND valid_from <= $4 ORDER BY role, valid_from DESC, at DESC, id DESC`,
    [service, procedure, move, today],
  );
  const changed = changes.filter(({ power }) => power !== 'as-declared').map(({ role, power }) => [role, power]);
  return { ...powers, ...Object.fromEntries(changed) };
}
