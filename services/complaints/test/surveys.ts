import { shipmentEvents } from '@fenxiao/contracts/orders';
import { newId } from '@fenxiao/domain/id';
import { qualityWorld, type Bought, type Customer, type QualityWorld } from './quality.js';

/** What tests of surveys do again and again: a delivery that arrives, the link, the page. */
export interface SurveyWorld extends QualityWorld {
  /** the goods arrive; a customer of ours is asked of them */
  arrived(bought: Bought, deliveredOn?: string): Promise<void>;
  /** what was issued to a customer so far, oldest first */
  issuedTo(customer: Customer, kind?: string): Promise<Issued[]>;
  /** a survey of a delivery to a customer of its own, and its token */
  asked(): Promise<Issued & { readonly token: string; readonly customer: Customer }>;
  tokenOf(id: string): Promise<string>;
  /** a page of ours, from an address of its own unless one is named */
  page(query: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<Page>;
  answer(token: string, fields?: Record<string, string>): Promise<Page>;
}
export interface Issued {
  readonly id: string;
  readonly number: string;
  readonly state: string;
  readonly score: number | null;
  readonly [field: string]: unknown;
}
export interface Page {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export async function surveyWorld(env: Record<string, string> = {}): Promise<SurveyWorld> {
  const w = await qualityWorld(env);
  let visitor = 0;
  const page: SurveyWorld['page'] = async (query, fields, headers = {}) => {
    visitor++;
    const response = await fetch(`${w.h.url}/public/survey${query}`, {
      ...(fields ? { method: 'POST', body: new URLSearchParams(fields) } : {}),
      headers: {
        'accept-language': 'en',
        'x-forwarded-for': `10.1.${visitor >> 8}.${visitor & 255}`,
        ...headers,
      },
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const arrived: SurveyWorld['arrived'] = async ({ id, number, orderNumber, customer }, deliveredOn = '2026-03-09') => {
    await w.h.publish(
      shipmentEvents.received,
      id,
      {
        number,
        orderId: newId(),
        orderNumber,
        distributorId: customer.id,
        regionId: customer.region,
        currency: 'CNY',
        deliveredOn,
      },
      2,
    );
    await w.h.settle();
  };
  const issuedTo: SurveyWorld['issuedTo'] = async ({ id }, kind) => {
    const { body } = await w.gm.get(`/surveys?distributorId=${id}${kind ? `&kind=${kind}` : ''}&limit=200`);
    return body.items.toReversed();
  };
  const tokenOf = async (id: string): Promise<string> => {
    const { body } = await w.support.get(`/surveys/${id}/link`);
    return new URL(body.link, 'http://x').searchParams.get('token')!;
  };
  return {
    ...w,
    arrived,
    issuedTo,
    tokenOf,
    page,
    answer: (token, fields = {}) => page('', { token, score: '5', ...fields }),
    asked: async () => {
      const customer = await w.customer();
      await arrived(await w.bought(customer));
      const [issued] = await issuedTo(customer);
      return { ...issued!, customer, token: await tokenOf(issued!.id) };
    },
  };
}
