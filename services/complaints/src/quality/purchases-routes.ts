import { Line } from '@fenxiao/contracts/wire';
import { powerTo, reachOf, type Actor } from '@fenxiao/service-kit/actor';
import { Who } from '@fenxiao/service-kit/auth';
import { BulkReads } from '@fenxiao/service-kit/bulk-reads';
import { requireRole } from '@fenxiao/service-kit/checks';
import { openapi } from '@fenxiao/service-kit/openapi';
import { parseQuery } from '@fenxiao/service-kit/reads';
import { Transactions } from '@fenxiao/service-kit/work';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { distributorUnits, findCustomer, purchasesOf, type Purchase } from '../purchases.js';
import { complaintProcedure } from './complaint-procedure.js';

const query = z.strictObject({ receipt: Line });
const line = z.object({
  shipmentId: z.uuid(),
  shipmentLine: z.int(),
  shipmentNumber: z.string(),
  orderNumber: z.string(),
  distributorId: z.uuid(),
  productCode: z.string(),
  productName: z.string(),
  specification: z.string().nullable(),
  grade: z.string(),
  colourNumber: z.string(),
  batch: z.string(),
  purchasedOn: z.string(),
  quantity: z.string(),
});
const answer = z.object({ items: z.array(line) });

/** C-02 Pre-filling 预填登记资料: what a receipt is for, for whoever may log a complaint of it, and no farther. */
@Controller('purchases')
@ApiTags('complaint')
@ApiBearerAuth()
export class PurchasesController {
  constructor(
    @Inject(Transactions) private readonly transactions: Transactions,
    @Inject(BulkReads) private readonly bulk: BulkReads,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The goods of a receipt: an invoice, a shipping order or an order (C-02)' })
  @ApiQuery({ name: 'receipt', schema: { type: 'string', minLength: 1, maxLength: 200 } })
  @ApiOkResponse({ schema: openapi(answer, 'output') })
  async purchases(@Who() actor: Actor, @Query() asked: unknown): Promise<z.infer<typeof answer>> {
    requireRole(actor, complaintProcedure, 'log');
    const { receipt } = parseQuery(query, asked);
    const lines = await this.transactions.run(actor, async (work) => {
      const bought = await purchasesOf(work, receipt);
      const [first] = bought;
      const code = first && (await findCustomer(work, { id: first.customer }))?.code;
      return bought.filter((purchase) => isSeen(actor, purchase, code));
    });
    this.bulk.count(actor, lines.length);
    return { items: lines.map(shown) };
  }
}

/** As far as the power to log reaches; a distributor's, its own purchases. */
function isSeen(actor: Actor, { region }: Purchase, code: string | undefined): boolean {
  const reach = reachOf(actor, powerTo(actor, complaintProcedure, 'log'));
  if (!reach) return false;
  if (reach.all || reach.regions.includes(region)) return true;
  return code !== undefined && (distributorUnits(actor.positions)?.includes(code) ?? false);
}

const shown = (purchase: Purchase) => ({
  shipmentId: purchase.shipment,
  shipmentLine: purchase.line,
  shipmentNumber: purchase.shipmentNumber,
  orderNumber: purchase.orderNumber,
  distributorId: purchase.customer,
  productCode: purchase.productCode,
  productName: purchase.name ?? purchase.productCode,
  specification: purchase.specification,
  grade: purchase.grade,
  colourNumber: purchase.colourNumber,
  batch: purchase.batch,
  purchasedOn: purchase.shippedOn,
  quantity: purchase.quantity,
});
