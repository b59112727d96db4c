import { system, type Actor } from '@fenxiao/service-kit/actor';
import { Who } from '@fenxiao/service-kit/auth';
import { BulkReads } from '@fenxiao/service-kit/bulk-reads';
import { openapi, problems } from '@fenxiao/service-kit/openapi';
import { Reads } from '@fenxiao/service-kit/reads';
import { Transactions } from '@fenxiao/service-kit/work';
import { Controller, Get, Inject, Param, ParseUUIDPipe } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { order } from '../order-moves.js';
import { percentOf } from './completeness.js';
import { assess } from './order-file.js';

const text = z.string().nullable();
const entry = z.object({
  kind: z.string(),
  /** `system`, or `registered` by the support clerk */
  source: z.enum(['system', 'registered']),
  /** where it is read */
  path: z.string(),
  id: z.uuid(),
  number: z.string(),
  state: z.string(),
  name: text,
  digest: text,
  storage: text,
  shipmentId: text,
});
const file = z.object({
  orderId: z.uuid(),
  orderNumber: z.string(),
  documents: z.array(entry),
  expected: z.int(),
  present: z.int(),
  completeness: z.string(),
  missing: z.array(z.string()),
});

/** O-23 The order's file 订单档案 in one view: what the system has, what was registered, and what is missing. */
@Controller('orders')
@ApiTags('order')
@ApiBearerAuth()
export class OrderFileController {
  constructor(
    @Inject(Transactions) private readonly transactions: Transactions,
    @Inject(Reads) private readonly reads: Reads,
    @Inject(BulkReads) private readonly bulk: BulkReads,
  ) {}

  @Get(':id/file')
  @ApiOperation({ summary: 'The documents of an order, and what is missing of them (O-23)' })
  @ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } })
  @ApiOkResponse({ schema: openapi(file, 'output') })
  @(problems(404)[0]!)
  async file(@Who() actor: Actor, @Param('id', ParseUUIDPipe) id: string): Promise<z.infer<typeof file>> {
    const { body } = await this.reads.one(actor, order, id);
    return this.transactions.run(system, async (work) => {
      const rows = await work.query<z.infer<typeof entry>>(documents, [id]);
      this.bulk.count(actor, rows.length);
      const found = await assess(work, id);
      return {
        orderId: id,
        orderNumber: body['number'] as string,
        documents: rows,
        expected: found.expected,
        present: found.present,
        completeness: String(percentOf(found)),
        missing: [...found.missing],
      };
    });
  }
}

const documents = `
SELECT 'shipping-order' AS kind, 'system' AS source, 'shipments' AS path, id, number, state, NULL AS name, NULL AS digest, NULL AS storage, id AS "shipmentId"
FROM shipment WHERE order_id = $1
UNION ALL SELECT 'invoice', 'system', 'invoices', i.id, i.number, i.state, NULL, NULL, NULL, s.id
FROM shipment s JOIN invoice i ON i.shipment = s.id AND i.shipments IS NULL WHERE s.order_id = $1
UNION ALL SELECT 'invoice', 'system', 'invoices', i.id, i.number, i.state, NULL, NULL, NULL, s.id
FROM shipment s JOIN invoice_shipment b ON b.shipment = s.id JOIN invoice i ON i.id = b.invoice WHERE s.order_id = $1
UNION ALL SELECT kind, 'registered', 'order-documents', id, number, state, name, digest, storage, shipment FROM order_document
WHERE order_id = $1 AND state = 'registered'
ORDER BY kind, number`;
