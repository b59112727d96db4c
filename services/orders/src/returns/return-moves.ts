import { domainError } from '@fenxiao/domain/domain-error';
import { Quantity } from '@fenxiao/domain/quantity';
import { bind, follow, lock, type Bound } from '@fenxiao/service-kit/engine';
import { documentNumber } from '@fenxiao/service-kit/numbers';
import type { Work } from '@fenxiao/service-kit/work';
import { creditFor, type CreditNote } from '../credit-note.js';
import { batch } from '../quality/batch.js';
import { shipment } from '../shipment-moves.js';
import { receive } from '../stock.js';
import { replacementFor } from './replacement.js';
import { arrived, judged, linesOf, requireOwnGrade, reserveReturn } from './return-lines.js';
import { GoodsReturn } from './return-tables.js';
import { returnProcedure } from './return.js';

/**
 * What the moves of a return do. Until it is decided the goods are the customer's: they enter our stock with the credit or
 * the replacement, and a return that is refused frees its lines to be asked for again.
 */
export const goodsReturn: Bound<GoodsReturn, typeof returnProcedure> = bind(returnProcedure, {
  entity: GoodsReturn,

  create: async ({ shipmentId, lines: wanted, remedy, cause, complaintId, requestId }, work, base) => {
    const from = await lock(work, shipment, shipmentId);
    if (requestId && work.actor.person !== 'system') throw notARequest({}, { field: 'requestId' });
    const { lines, billedShipment } = await linesOf(work, from, wanted);
    reserveReturn(from, lines, 1);
    return work.em.create(GoodsReturn, {
      ...base,
      region: from.region,
      owner: from.owner,
      number: await documentNumber(work, 'TH', work.today),
      shipment: from.id,
      shipmentNumber: from.number,
      shippedOn: from.shippedOn!,
      billedShipment,
      orderId: from.orderId,
      orderNumber: from.orderNumber,
      distributor: from.distributor,
      distributorCode: from.distributorCode,
      complaint: complaintId ?? null,
      request: requestId ?? null,
      remedy,
      cause,
      warehouse: null,
      lines,
      results: [],
      creditNote: null,
      replacement: null,
    });
  },

  effects: {
    authorise: (subject, { remedy }) => {
      if (remedy) subject.remedy = remedy;
    },
    receive: async (subject, { warehouse, lines: came }, work) => {
      const from = await lock(work, shipment, subject.shipment);
      const { lines, missing } = arrived(subject, came);
      reserveReturn(from, missing, -1);
      Object.assign(subject, { warehouse, lines });
    },
    inspect: async (subject, { results }, work) => {
      subject.results = judged(subject, results);
      await requireOwnGrade(work, subject, subject.results);
    },
    changeRemedy: (subject, { remedy }) => {
      if (remedy === subject.remedy) throw sameRemedy({ number: subject.number, remedy }, { field: 'remedy' });
      subject.remedy = remedy;
    },
    credit: async (subject, _, work) => {
      if (subject.remedy !== 'credit') throw otherRemedy({ number: subject.number, remedy: subject.remedy });
      subject.creditNote = (await creditFor(work, subject)).id;
      await takeIn(work, subject);
    },
    replace: async (subject, _, work) => {
      if (subject.remedy !== 'replacement') throw otherRemedy({ number: subject.number, remedy: subject.remedy });
      subject.replacement = (await replacementFor(work, subject)).id;
      await takeIn(work, subject);
    },
    refuse: async (subject, _, work) => reserveReturn(await lock(work, shipment, subject.shipment), subject.lines, -1),
  },

  facts: {
    requested: fact,
    authorised: fact,
    'remedy-changed': fact,
    received: (subject) => ({ ...fact(subject), warehouse: subject.warehouse! }),
    inspected: (subject) => ({ ...fact(subject), warehouse: subject.warehouse!, results: subject.results }),
    credited: (subject, _, work) => {
      const note = work.locked.get(subject.creditNote!) as CreditNote;
      return {
        ...fact(subject),
        results: subject.results,
        creditNoteId: subject.creditNote!,
        creditNoteNumber: note.number,
        currency: work.currency,
        net: String(note.net),
        tax: String(note.tax),
        gross: String(note.gross),
      };
    },
    replaced: (subject, _, work) => ({
      ...fact(subject),
      results: subject.results,
      replacementOrderId: subject.replacement!,
      replacementOrderNumber: (work.locked.get(subject.replacement!) as { number: string }).number,
    }),
    refused: fact,
  },

  view: (subject) => ({
    number: subject.number,
    shipmentId: subject.shipment,
    shipmentNumber: subject.shipmentNumber,
    shippedOn: subject.shippedOn,
    orderId: subject.orderId,
    orderNumber: subject.orderNumber,
    distributorId: subject.distributor,
    distributorCode: subject.distributorCode,
    region: subject.region,
    complaintId: subject.complaint,
    remedy: subject.remedy,
    cause: subject.cause,
    warehouse: subject.warehouse,
    lines: subject.lines.map(({ billedLine: _, ...line }) => line),
    results: subject.results,
    creditNoteId: subject.creditNote,
    replacementOrderId: subject.replacement,
  }),
  filters: {
    number: 'number',
    shipmentId: 'shipment',
    orderId: 'orderId',
    distributorId: 'distributor',
    complaintId: 'complaint',
  },
});

/** The goods are ours again: as they were, or in a batch of their own grade, held where quality control says so. */
async function takeIn(work: Work, { number, lines, results, warehouse }: GoodsReturn): Promise<void> {
  const lineOf = new Map(lines.map((line) => [line.line, line]));
  for (const { line, quantity, result, grade, batch: own, hold } of results) {
    if (result === 'scrap') continue;
    const { productCode, batch: name } = lineOf.get(line)!;
    const goods = { productCode, warehouse: warehouse!, quantity: String(Quantity.of(quantity)) };
    const second = result === 'second-grade';
    const { batchId } = await receive(work, { ...goods, batch: second ? own! : name, ...(second ? { grade } : {}) });
    if (!hold) continue;
    const doubtful = await lock(work, batch, batchId);
    if (doubtful.state !== 'held') await follow(work, batch, doubtful, 'hold', {}, number);
  }
}

function fact(subject: GoodsReturn) {
  const { owner, complaint, request } = subject;
  return {
    number: subject.number,
    shipmentId: subject.shipment,
    shipmentNumber: subject.shipmentNumber,
    shippedOn: subject.shippedOn,
    orderId: subject.orderId,
    orderNumber: subject.orderNumber,
    distributorId: subject.distributor,
    distributorCode: subject.distributorCode,
    regionId: subject.region!,
    remedy: subject.remedy,
    cause: subject.cause,
    lines: subject.lines.map(({ billedLine: _, ...line }) => line),
    ...(owner && owner !== 'system' ? { salespersonId: owner } : {}),
    ...(complaint ? { complaintId: complaint } : {}),
    ...(request ? { requestId: request } : {}),
  };
}

const notARequest = domainError({
  code: 'orders.return.not-a-request',
  kind: 'unprocessable',
  rule: 'O-07',
  en: 'Only the complaints service answers a request of its own.',
  zh: '请求编号只能由投诉服务填写。',
});
const sameRemedy = domainError({
  code: 'orders.return.same-remedy',
  kind: 'unprocessable',
  rule: 'O-07',
  en: 'Return {number} is authorised for {remedy} already.',
  zh: '退货单{number}已核准为{remedy}。',
});
const otherRemedy = domainError({
  code: 'orders.return.other-remedy',
  kind: 'conflict',
  rule: 'O-07',
  en: 'Return {number} was authorised for {remedy}.',
  zh: '退货单{number}核准的处理方式为{remedy}。',
});
