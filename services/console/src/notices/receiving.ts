import type { Event, EventData } from '@fenxiao/contracts/event';
import { noticeEvents } from '@fenxiao/contracts/platform';
import { topics } from '@fenxiao/contracts/topics';
import { newId } from '@fenxiao/domain/id';
import type { EventContext } from '@fenxiao/messaging/transport';
import type { Work } from '@fenxiao/service-kit/work';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { channelsFor, preferencesOf, sendAt } from './preferences.js';
import { powersInForce } from './powers.js';
import { recipientsOf } from './recipients.js';

type Requested = ReturnType<typeof noticeEvents>['requested'];

/** What is kept of a request: everything a notice is made of. */
export interface NoticeRequest {
  readonly event: string;
  readonly service: string;
  readonly at: string;
  readonly data: EventData<Requested>;
}

const types = Object.keys(topics).map((topic) => noticeEvents(topic.replace(/^fenxiao\./, '')).requested.type);

/** Puts what any service asks for into the inboxes, and leaves the ways beside it to the deliverer. */
@Controller()
export class NoticeIntake {
  @EventPattern(types)
  async requested(@Payload() event: Event<Requested>, @Ctx() { work }: EventContext<Work>): Promise<void> {
    const request = { event: event.id, service: event.source.slice(1), at: event.time, data: event.data };
    if (await tell(work, request)) return;
    await work.query('INSERT INTO notice_unreceived (event, body) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      event.id,
      JSON.stringify(request),
    ]);
  }
}

const administrators = { powers: { 'system-administrator': 'all' } };

/**
 * One notice per person; for nobody, one per system administrator, saying so.
 * @returns false when there is not even one of those
 */
export async function tell(work: Work, { event, service, at, data }: NoticeRequest): Promise<boolean> {
  const { powers } = data.to;
  const asked = powers
    ? { ...data.to, powers: await powersInForce(work, { service, ...data }, powers, work.today) }
    : data.to;
  const meant = await recipientsOf(work, asked, work.today);
  const persons = meant.length > 0 ? meant : await recipientsOf(work, administrators, work.today);
  if (persons.length === 0) return false;
  const unreceived = meant.length > 0 ? null : Object.keys(powers ?? {});
  const made = await work.query<{ id: string; person: string }>(
    `INSERT INTO notice (id, person, event, kind, service, procedure, path, about, number, move, state, due_at, detail, rule, unreceived, at)
     SELECT made.id, made.person, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16
     FROM unnest($1::uuid[], $2::uuid[]) made(id, person) ON CONFLICT (event, person) DO NOTHING RETURNING id, person`,
    [
      persons.map(() => newId()),
      persons,
      event,
      data.kind,
      service,
      data.procedure,
      data.path,
      data.about,
      data.number,
      data.move,
      data.state,
      data.dueAt,
      data.detail,
      data.meta.rule,
      unreceived,
      at,
    ].map((value) => value ?? null),
  );
  await queue(work, data.kind, made);
  return true;
}

/** The inbox has it already; what goes other ways waits for its time. */
async function queue(work: Work, kind: string, made: readonly { id: string; person: string }[]): Promise<void> {
  const preferences = await preferencesOf(
    work,
    made.map(({ person }) => person),
  );
  const waiting = made.flatMap(({ id, person }) => {
    const preference = preferences.get(person);
    return (preference ? channelsFor(kind, preference) : []).map((channel) => ({
      notice: id,
      person,
      channel,
      at: sendAt({ kind, channel }, preference!, work.now, work.calendar),
    }));
  });
  await work.query(
    `INSERT INTO delivery (id, notice, person, channel, state, attempts, delivered_at)
     SELECT d.id, d.notice, d.person, 'inbox', 'delivered', 1, $4 FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) d(id, notice, person)`,
    [made.map(() => newId()), made.map(({ id }) => id), made.map(({ person }) => person), work.now],
  );
  await work.query(
    `INSERT INTO delivery (id, notice, person, channel, state, next_at)
     SELECT d.id, d.notice, d.person, d.channel, 'waiting', d.next_at
     FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[]) d(id, notice, person, channel, next_at)`,
    [
      waiting.map(() => newId()),
      waiting.map(({ notice }) => notice),
      waiting.map(({ person }) => person),
      waiting.map(({ channel }) => channel),
      waiting.map(({ at }) => at),
    ],
  );
}
