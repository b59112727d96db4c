import { Quantity } from '@fenxiao/domain/quantity';
import { Percentage } from '@fenxiao/domain/percentage';

/** O-23: what the file of an order should hold, and what of it is missing. Pure. */

export interface Delivery {
  readonly number: string;
  /** received by the customer, with damage */
  readonly damaged: boolean;
  readonly invoiced: boolean;
  readonly proof: boolean;
  readonly complaint: boolean;
}

export interface Completeness {
  readonly expected: number;
  readonly present: number;
  /** `contract`, or the kind and the shipping order: `proof-of-delivery CH-2026-000001` */
  readonly missing: readonly string[];
}

/** A contract; for every delivery its shipping order, proof of delivery and invoice, and the complaint where goods were damaged. */
export function completenessOf(contract: boolean, deliveries: readonly Delivery[]): Completeness {
  const wanted: (readonly [what: string, there: boolean])[] = [
    ['contract', contract],
    ...(deliveries.length === 0 ? [['shipping-order', false] as const] : []),
    ...deliveries.flatMap(({ number, damaged, invoiced, proof, complaint }) => [
      [`shipping-order ${number}`, true] as const,
      [`proof-of-delivery ${number}`, proof] as const,
      [`invoice ${number}`, invoiced] as const,
      ...(damaged ? [[`complaint ${number}`, complaint] as const] : []),
    ]),
  ];
  const missing = wanted.filter(([, there]) => !there).map(([what]) => what);
  return { expected: wanted.length, present: wanted.length - missing.length, missing };
}

export const percentOf = ({ expected, present }: Completeness): Percentage =>
  Percentage.share(Quantity.of(String(present)), Quantity.of(String(expected)));
