import { Code, Instant, Line, PersonName, Ref, Telephone } from '@fenxiao/contracts/wire';
import { hours, minutes } from '@fenxiao/domain/business-calendar';
import { domainError } from '@fenxiao/domain/domain-error';
import { isId } from '@fenxiao/domain/id';
import type { Powers } from '@fenxiao/procedures/procedure';
import { headOffice } from '@fenxiao/procedures/powers';
import type { Work } from '@fenxiao/service-kit/work';
import { customerOf, requireOwnCustomer } from '../purchases.js';
import { businessMinutes } from '../quality/stages.js';
import { requireRecent } from '../received.js';
import { unitsOf } from '../service-complaints/departments.js';
import { settings, type ComplaintsConfig } from '../config.js';

/** C-10, C-21: how a report from a customer comes in, who sees it, who is told, and how long each step may take. */

export const reporters: Powers = { distributor: 'own', salesperson: 'region', 'sales-administrator': 'all' };
export const administrator: Powers = { 'sales-administrator': 'all' };
export const technical: Powers = { 'technical-department': 'all' };
export const caseReaders: Powers = {
  ...headOffice,
  'technical-department': 'all',
  'quality-control': 'all',
  'regional-manager': 'region',
  salesperson: 'own',
  distributor: 'own',
};
/** who has to reach the customer */
export const contactReaders: Powers = {
  ...administrator,
  ...technical,
  'sales-support-clerk': 'all',
  'regional-manager': 'region',
};

/** What is said of the matter, whatever it is about. */
export const reportFields = {
  distributorCode: Code,
  /** the person of the distributor it is reported for, who is asked for photographs and may follow it */
  reporterId: Ref('person').optional(),
  orderNumber: Line.optional(),
  productCode: Code.optional(),
  contact: PersonName.optional(),
  telephone: Telephone.optional(),
  /** when it reached us, where that is before now */
  receivedAt: Instant.optional(),
};

/** The limits of the clocks in force when it was reported: a setting changed later does not move a deadline under way. */
export interface Limits {
  /** working minutes */
  readonly notice: number;
  /** working hours */
  readonly visit: number;
  readonly photos: number;
  readonly opinion: number;
  readonly verify: number;
  readonly decide: number;
  readonly service: number;
  readonly close: number;
}
const limitsOf = (config: ComplaintsConfig): Limits => ({
  notice: config.AFTER_SALES_NOTICE_MINUTES,
  visit: config.AFTER_SALES_VISIT_HOURS,
  photos: config.AFTER_SALES_PHOTOS_HOURS,
  opinion: config.AFTER_SALES_OPINION_HOURS,
  verify: config.AFTER_SALES_VERIFY_HOURS,
  decide: config.AFTER_SALES_DECIDE_HOURS,
  service: config.AFTER_SALES_SERVICE_HOURS,
  close: config.AFTER_SALES_CLOSE_HOURS,
});
export interface Limited {
  readonly limits: Limits;
}

/**
 * 第一时间 "at first moment": half an hour of working time, since nobody is there to tell anybody at night. What comes in
 * after closing is due half an hour into the next working day.
 */
export const noticeClock = {
  within: ({ limits }: Limited) => minutes(limits.notice),
  escalateTo: 'sales-manager',
} as const;
export const stepClock = <R extends 'sales-manager' | 'sales-general-manager' | 'general-manager'>(
  step: Exclude<keyof Limits, 'notice'>,
  escalateTo: R,
) => ({ within: ({ limits }: Limited) => hours(limits[step]), escalateTo }) as const;

interface Report {
  readonly distributorCode: string;
  readonly reporterId?: string | undefined;
  readonly orderNumber?: string | undefined;
  readonly productCode?: string | undefined;
  readonly contact?: string | undefined;
  readonly telephone?: string | undefined;
  readonly receivedAt?: string | undefined;
}

/**
 * The columns that every report fills, the clocks running from when it reached us.
 * @throws unknownCustomer, notYours, notOfTheirs, unknownProduct, notYet, tooLongAgo
 */
export async function reported(work: Work, report: Report) {
  const { distributorCode, productCode, reporterId, orderNumber = null, contact = null, telephone = null } = report;
  const customer = await customerOf(work, { code: distributorCode });
  requireOwnCustomer(work, distributorCode);
  const receivedAt = instantOf(work, report.receivedAt, 'receivedAt');
  requireRecent(work, receivedAt);
  if (reporterId !== undefined) await requireReporter(work, reporterId, distributorCode);
  const product = productCode === undefined ? undefined : await productOf(work, productCode);
  return {
    region: customer.region,
    owner: reporterId ?? work.actor.person,
    enteredAt: receivedAt,
    receivedAt,
    distributor: customer.id,
    distributorCode: customer.code,
    orderNumber,
    product: product?.id ?? null,
    productCode: product?.code ?? null,
    family: product?.family ?? null,
    contact,
    telephone,
    limits: limitsOf(settings(work)),
  };
}

/** Whoever it is reported for reads the case whole, so that is somebody of the distributor's. @throws notOfTheirs */
async function requireReporter(work: Work, person: string, code: string): Promise<void> {
  if (!(await unitsOf(work, person)).includes(code)) throw notOfTheirs({ distributor: code }, { field: 'reporterId' });
}

/** @throws unknownProduct */
async function productOf(work: Work, code: string) {
  const [found] = await work.query<{ id: string; code: string; family: string }>(
    'SELECT id, code, family FROM known_product WHERE code = $1',
    [code],
  );
  if (!found) throw unknownProduct({ product: code }, { field: 'productCode' });
  return found;
}

/** An instant somebody names, now where none is. @throws notYet, tooEarly */
export function instantOf(work: Work, text: string | undefined, field: string, notBefore?: Date): Date {
  if (text === undefined) return work.now;
  const at = new Date(text);
  if (at > work.now) throw notYet({}, { field });
  if (notBefore && at < notBefore) throw tooEarly({ from: notBefore.toISOString() }, { field });
  return at;
}

/** A day somebody names. @throws notYet, tooEarly */
export function dayOf(work: Work, date: string, field: string, notBefore: Date): string {
  if (date > work.today) throw notYet({}, { field });
  const first = work.calendar.dateOf(notBefore);
  if (date < first) throw tooEarly({ from: first }, { field });
  return date;
}

interface Case {
  readonly id: string;
  readonly number: string;
  readonly state: string;
  readonly region: string | null;
  readonly owner: string | null;
  readonly createdBy: string;
}

/** Lets those know whose turn it is, or who have to know. */
export function tell(
  work: Work,
  procedure: { readonly name: string; readonly path: string },
  { id, number, state, region, owner, createdBy }: Case,
  kind: 'task' | 'information',
  to: Powers | 'owner',
  move?: string,
): void {
  const persons = [owner ?? createdBy].filter(isId);
  const audience =
    to === 'owner' ? { persons } : { powers: to as Record<string, string>, ...(region ? { region } : {}) };
  work.notify(
    {
      kind,
      procedure: procedure.name,
      path: procedure.path,
      about: id,
      number,
      state,
      ...(move ? { move } : {}),
      to: audience,
    },
    'C-10',
  );
}

interface Reported extends Case {
  readonly receivedAt: Date;
  readonly distributor: string;
  readonly distributorCode: string;
  readonly orderNumber: string | null;
  readonly product: string | null;
  readonly productCode: string | null;
  readonly family: string | null;
}

/** What every fact and every view of such a case has. */
export function aboutOf({ number, receivedAt, region, distributor, distributorCode, ...rest }: Reported) {
  const { orderNumber, product, productCode, family } = rest;
  return {
    number,
    receivedAt: receivedAt.toISOString(),
    regionId: region!,
    distributorId: distributor,
    distributorCode,
    ...(orderNumber ? { orderNumber } : {}),
    ...(product ? { productId: product, productCode: productCode!, family: family! } : {}),
  };
}

/** K-Q18 and the times after it: business minutes from when it reached us. */
export const minutesUntil = ({ receivedAt }: { readonly receivedAt: Date }, at: Date, work: Work): number =>
  businessMinutes(work.calendar, receivedAt, at);

const notOfTheirs = domainError({
  code: 'complaints.after-sales.reporter-of-another',
  kind: 'unprocessable',
  rule: 'C-10',
  en: 'The person it is reported for does not work for {distributor}.',
  zh: '报告人不属于经销商{distributor}。',
});
const unknownProduct = domainError({
  code: 'complaints.after-sales.unknown-product',
  kind: 'unprocessable',
  rule: 'C-02',
  en: 'No product {product} is known here.',
  zh: '未知的产品：{product}。',
});
const notYet = domainError({
  code: 'complaints.after-sales.not-yet',
  kind: 'unprocessable',
  rule: 'C-10',
  en: 'That has not come yet: what is recorded has happened.',
  zh: '该时间尚未到来；只能登记已经发生的事项。',
});
const tooEarly = domainError({
  code: 'complaints.after-sales.too-early',
  kind: 'unprocessable',
  rule: 'C-10',
  en: 'That was before {from}, when it could not have been done yet.',
  zh: '该时间早于{from}，当时尚不可能办理。',
});
