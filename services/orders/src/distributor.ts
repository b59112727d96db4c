import { creditLimitEvents, distributorEvents, guaranteeEvents } from '@fenxiao/contracts/distributors';
import type { Event } from '@fenxiao/contracts/event';
import { domainError } from '@fenxiao/domain/domain-error';
import { EventContext, On } from '@fenxiao/messaging/transport';
import type { Sql } from '@fenxiao/messaging/sql';
import type { Work } from '@fenxiao/service-kit/work';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';

/** What orders knows of distributors, their limits and guarantees, learned from events and asked of nobody. */
export interface KnownDistributor {
  readonly id: string;
  readonly code: string;
  readonly region: string;
  readonly segment: string;
  readonly class: string;
  readonly terms: 'credit' | 'prepaid';
  readonly payment_days: number;
  readonly state: string;
  readonly credit_limit: string;
}

type By = { readonly id: string } | { readonly code: string };

/** @throws unknownDistributor */
export async function distributorOf(sql: Sql, by: By, lock = false): Promise<KnownDistributor> {
  const [column, key] = 'id' in by ? ['id', by.id] : ['code', by.code];
  const [known] = await sql.query<KnownDistributor>(
    `SELECT d.*, coalesce(l.credit_limit, 0)::text AS credit_limit FROM known_distributor d LEFT JOIN known_credit_limit l ON l.distributor = d.id
     WHERE d.${column} = $1${lock ? ' FOR UPDATE OF d' : ''}`,
    [key],
  );
  if (!known) throw unknownDistributor({ distributor: key }, { field: 'distributorId' });
  return known;
}

/** Ids of distributors whose name holds the text, or whose code begins with it; a text that many share is no search. */
export async function distributorsLike(sql: Sql, text: string): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `SELECT id FROM known_distributor WHERE position(lower($1) in lower(name)) > 0 OR starts_with(lower(code), lower($1)) LIMIT 1000`,
    [text],
  );
  return rows.map(({ id }) => id);
}

/** The customer's account as a lock, taken once: whoever changes its exposure takes it first, after the order, before the stock. */
export async function lockAccount(work: Work, distributor: string): Promise<KnownDistributor> {
  const held = work.locked.get(distributor) as KnownDistributor | undefined;
  const known = held ?? (await distributorOf(work, { id: distributor }, true));
  work.locked.set(distributor, known);
  return known;
}

/** D-01: only an active distributor may order. @throws inactiveDistributor */
export function requireActive({ code, state }: KnownDistributor): void {
  if (state !== 'active') throw inactiveDistributor({ distributor: code, state }, { field: 'distributorId' });
}

export const unknownDistributor = domainError({
  code: 'orders.distributor.unknown',
  kind: 'unprocessable',
  rule: 'D-01',
  en: 'No distributor {distributor} is known here.',
  zh: '未知的经销商：{distributor}。',
});
export const inactiveDistributor = domainError({
  code: 'orders.distributor.not-active',
  kind: 'unprocessable',
  rule: 'D-01',
  en: 'Only an active distributor may order; {distributor} is {state}.',
  zh: '只有状态为“有效”的经销商才能订货；{distributor}目前为{state}。',
});

type Master = Event<typeof distributorEvents.created>;
type Guarantee = Event<typeof guaranteeEvents.granted>;

@Controller()
export class DistributorProjection {
  @On(distributorEvents.created)
  created(@Payload() event: Master, @Ctx() { work }: EventContext<Work>) {
    return this.master(event, 'prospect', work);
  }
  @On(distributorEvents.recorded)
  recorded(@Payload() event: Event<typeof distributorEvents.recorded>, @Ctx() { work }: EventContext<Work>) {
    return this.master(event, event.data.state, work);
  }
  @On(distributorEvents.changed)
  changed(@Payload() event: Master, @Ctx() { work }: EventContext<Work>) {
    return this.master(event, undefined, work);
  }
  @On(distributorEvents.qualified)
  qualified(@Payload() { subject }: Event, @Ctx() { work }: EventContext<Work>) {
    return this.state(subject, 'qualified', work);
  }
  @On(distributorEvents['trial-started'])
  onTrial(@Payload() { subject }: Event, @Ctx() { work }: EventContext<Work>) {
    return this.state(subject, 'trial', work);
  }
  @On(distributorEvents.activated)
  activated(@Payload() { subject }: Event, @Ctx() { work }: EventContext<Work>) {
    return this.state(subject, 'active', work);
  }
  @On(distributorEvents.suspended)
  suspended(@Payload() { subject }: Event, @Ctx() { work }: EventContext<Work>) {
    return this.state(subject, 'suspended', work);
  }
  @On(distributorEvents.terminated)
  terminated(@Payload() { subject }: Event, @Ctx() { work }: EventContext<Work>) {
    return this.state(subject, 'terminated', work);
  }
  @On(distributorEvents['region-assigned'])
  moved(
    @Payload() { subject, data }: Event<(typeof distributorEvents)['region-assigned']>,
    @Ctx() { work }: EventContext<Work>,
  ) {
    return work.query('UPDATE known_distributor SET region = $2 WHERE id = $1', [subject, data.regionId]);
  }
  @On(creditLimitEvents.changed)
  limitChanged(@Payload() { data }: Event<typeof creditLimitEvents.changed>, @Ctx() { work }: EventContext<Work>) {
    return work.query(
      'INSERT INTO known_credit_limit (distributor, credit_limit) VALUES ($1, $2) ON CONFLICT (distributor) DO UPDATE SET credit_limit = excluded.credit_limit',
      [data.distributorId, data.limit],
    );
  }

  @On(guaranteeEvents.granted)
  granted(@Payload() event: Guarantee, @Ctx() { work }: EventContext<Work>) {
    return this.guarantee(event, work);
  }
  @On(guaranteeEvents['payment-applied'])
  applied(@Payload() event: Guarantee, @Ctx() { work }: EventContext<Work>) {
    return this.guarantee(event, work);
  }
  @On(guaranteeEvents.repaid)
  repaid(@Payload() event: Guarantee, @Ctx() { work }: EventContext<Work>) {
    return this.ended(event, work);
  }
  /** Called: the manager answers for it now, so it no longer covers the customer's exposure. */
  @On(guaranteeEvents.called)
  called(@Payload() event: Guarantee, @Ctx() { work }: EventContext<Work>) {
    return this.ended(event, work);
  }
  @On(guaranteeEvents.waived)
  waived(@Payload() event: Guarantee, @Ctx() { work }: EventContext<Work>) {
    return this.ended(event, work);
  }

  private master({ subject, data }: Master, state: string | undefined, work: Work) {
    return work.query(
      `INSERT INTO known_distributor (id, code, name, region, segment, class, terms, payment_days, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, coalesce($9, 'prospect'))
       ON CONFLICT (id) DO UPDATE SET code = excluded.code, name = excluded.name, region = excluded.region, segment = excluded.segment, class = excluded.class,
         terms = excluded.terms, payment_days = excluded.payment_days, state = coalesce($9, known_distributor.state)`,
      [subject, data.code, data.name, data.regionId, data.segment, data.class, data.terms, data.paymentDays, state],
    );
  }
  private state(id: string, state: string, work: Work) {
    return work.query('UPDATE known_distributor SET state = $2 WHERE id = $1', [id, state]);
  }
  private guarantee({ subject, data }: Guarantee, work: Work) {
    return work.query(
      'INSERT INTO known_guarantee (id, distributor, balance) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET balance = excluded.balance',
      [subject, data.distributorId, data.balance],
    );
  }
  private ended({ subject }: Event, work: Work) {
    return work.query('DELETE FROM known_guarantee WHERE id = $1', [subject]);
  }
}
