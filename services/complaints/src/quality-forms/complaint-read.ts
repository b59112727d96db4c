import type { Severity } from '@fenxiao/contracts/complaints';
import { notFound } from '@fenxiao/service-kit/errors';
import type { Work } from '@fenxiao/service-kit/work';

/** C-04, C-09: the complaint that a form or an 8D is about, as it stands now. */
export interface KnownComplaint {
  readonly id: string;
  readonly number: string;
  readonly state: string;
  readonly severity: Severity;
  /** what the severity was set by */
  readonly criteria: readonly string[];
  readonly region: string | null;
  readonly handlerRole: string;
  readonly verdict: string | null;
  /** the person complained of */
  readonly against: string | null;
  readonly distributorCode: string | null;
  readonly receipt: string | null;
  readonly product: string | null;
  readonly productCode: string | null;
  readonly productName: string;
  readonly specification: string;
  readonly grade: string;
  readonly colourNumber: string;
  readonly batch: string | null;
  readonly quantity: string;
  readonly purchasedOn: string;
  readonly defect: string;
  readonly description: string;
  readonly createdAt: Date;
  readonly historic: boolean;
}

/** @throws notFound */
export async function complaintOf(work: Work, id: string): Promise<KnownComplaint> {
  await work.em.flush();
  const [found] = await work.query<KnownComplaint>(
    `SELECT id, number, state, severity, criteria, region, handler_role AS "handlerRole", verdict, against, distributor_code AS "distributorCode", receipt,
       product, product_code AS "productCode", product_name AS "productName", specification, grade, colour_number AS "colourNumber", batch,
       quantity::text, purchased_on::text AS "purchasedOn", defect, description, created_at AS "createdAt", historic
     FROM complaint WHERE id = $1`,
    [id],
  );
  if (!found) throw notFound({ what: 'complaint' });
  return { ...found, createdAt: new Date(found.createdAt) };
}

/** 处理结束: resolved or rejected, and what comes after that. */
export const isHandled = (state: string): boolean =>
  ['resolved', 'rejected', 'followed-up', 'archived'].includes(state);
