import type { AnyBound } from '@fenxiao/service-kit/engine';
import { withPlatform } from '@fenxiao/service-kit/powers';
import { dailyReport } from './books/daily-report.js';
import { ledgerAdjustment } from './books/ledger-adjustment.js';
import { monthlyReport } from './books/monthly-report.js';
import { reconciliation } from './books/reconciliation.js';
import { creditNote } from './credit-note.js';
import { collectionTask } from './collection/collection-task.js';
import { orderDocument } from './collection/order-document.js';
import { orderFile } from './collection/order-file.js';
import { writeOff } from './collection/write-off.js';
import { designProposal } from './ideas/design.js';
import { idea } from './ideas/idea.js';
import { invoice } from './invoice.js';
import { invoicingTerms } from './invoicing.js';
import { order } from './order-moves.js';
import { payment } from './payment.js';
import { packaging } from './packaging/packaging.js';
import { priceBands } from './price-bands.js';
import { priceException } from './price-exception.js';
import { priceList } from './price-list.js';
import { product } from './product.js';
import { priceCut } from './promotions/price-cut.js';
import { largeOrderLimit } from './production/large-order-limit.js';
import { opportunity } from './production/opportunity.js';
import { productionPlan } from './production/plan.js';
import { productionRequest } from './production/request-moves.js';
import { productionSummary } from './production/summary.js';
import { trial } from './production/trial-moves.js';
import { batch } from './quality/batch.js';
import { inspection } from './quality/inspection.js';
import { qualityStandard } from './quality/standard.js';
import { goodsReturn } from './returns/return-moves.js';
import { sample } from './samples/sample.js';
import { sampleRequest } from './samples/sample-request.js';
import { sampleReceipt, sampleStock } from './samples/sample-stock.js';
import { shipment } from './shipment-moves.js';
import { goodsReceipt, stock } from './stock.js';
import { stocktake } from './stocktake/stocktake-moves.js';
import { warehouse } from './stocktake/warehouse.js';

/** The procedures of orders. A new one is its file and a line here. */
export const procedures: readonly AnyBound[] = withPlatform('orders', [
  product,
  idea,
  designProposal,
  priceList,
  priceBands,
  priceException,
  packaging,
  priceCut,
  goodsReceipt,
  stock,
  sampleRequest,
  sample,
  sampleReceipt,
  sampleStock,
  order,
  shipment,
  invoice,
  payment,
  qualityStandard,
  batch,
  inspection,
  goodsReturn,
  creditNote,
  invoicingTerms,
  opportunity,
  largeOrderLimit,
  productionRequest,
  trial,
  productionSummary,
  productionPlan,
  writeOff,
  collectionTask,
  orderDocument,
  orderFile,
  warehouse,
  stocktake,
  dailyReport,
  monthlyReport,
  ledgerAdjustment,
  reconciliation,
]);
