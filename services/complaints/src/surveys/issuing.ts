import type { Event } from '@fenxiao/contracts/event';
import { shipmentEvents } from '@fenxiao/contracts/orders';
import type { SurveyKind } from '@fenxiao/contracts/surveys';
import { EventContext, On } from '@fenxiao/messaging/transport';
import { open } from '@fenxiao/service-kit/engine';
import type { Work } from '@fenxiao/service-kit/work';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { settings } from '../config.js';
import { findCustomer } from '../purchases.js';
import { survey } from './survey.js';

/** C-18 Issue of surveys 调查发起: after a delivery, after a complaint; once for each, and no customer too often. */

interface Asked {
  readonly kind: Exclude<SurveyKind, 'nps'>;
  readonly customer: string;
  readonly about: string;
  readonly number: string;
}

/** Issues it, unless the customer is not on the books, was asked of the very same, or was asked of its kind not long ago. */
async function issue(work: Work, { kind, customer, about, number }: Asked): Promise<void> {
  const known = await findCustomer(work, { id: customer });
  if (!known) return;
  // One at a time for a customer, so that two deliveries of a minute make one survey.
  await work.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`survey ${kind} ${customer}`]);
  const since = work.calendar.addDays(work.today, -settings(work).SURVEY_REST_DAYS);
  const [asked] = await work.query(
    `SELECT FROM survey WHERE kind = $1 AND about = $2
     UNION ALL SELECT FROM survey WHERE distributor = $3 AND kind = $1 AND issued_on > $4 LIMIT 1`,
    [kind, about, customer, since],
  );
  if (asked) return;
  const form = { kind, distributorId: customer, aboutId: about, aboutNumber: number };
  await open(work, survey, { form, bySystem: true });
}

type Received = Event<typeof shipmentEvents.received>;

/** Deliveries of the past come as `recorded`, and nobody is asked of them. */
@Controller()
export class SurveyedDeliveries {
  @On(shipmentEvents.received)
  async received(@Payload() { subject, data }: Received, @Ctx() { work }: EventContext<Work>): Promise<void> {
    const { distributorId: customer, number, deliveredOn } = data;
    // Of what was heard so late nobody would know any more.
    if (deliveredOn <= work.calendar.addDays(work.today, -settings(work).SURVEY_ANSWER_DAYS)) return;
    await issue(work, { kind: 'delivery', customer, about: subject, number });
  }
}

/** A complaint as far as surveys go, of quality or of service. */
interface Complained {
  readonly id: string;
  readonly number: string;
  readonly distributor: string | null;
  /** of another register */
  readonly historic?: boolean;
}

/** ISO 10002 8.3: how the complaint was handled, once its customer was told the outcome. */
export async function surveyComplaint(work: Work, { id, number, distributor, historic }: Complained): Promise<void> {
  if (distributor === null || historic) return;
  await issue(work, { kind: 'complaint', customer: distributor, about: id, number });
}
