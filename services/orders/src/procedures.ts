import type { AnyBound } from '@fenxiao/service-kit/engine';
import { withPlatform } from '@fenxiao/service-kit/powers';
import { dailyReport } from './books/daily-report.js';
import { ledgerAdjustment } from './books/ledger-adjustment.js';
import { monthlyReport } from './books/monthly-report.js';
import { reconciliation } from './books/reconciliation.js';
import { creditNote } from './credit-note.js';
import { invoice } from './invoice.js';
import { invoicingTerms } from './invoicing.js';
import { order } from './order-moves.js';
import { payment } from './payment.js';
import { priceBands } from './price-bands.js';
import { priceException } from './price-exception.js';
import { priceList } from './price-list.js';
import { product } from './product.js';
import { batch } from './quality/batch.js';
import { inspection } from './quality/inspection.js';
import { qualityStandard } from './quality/standard.js';
import { goodsReturn } from './returns/return-moves.js';
import { shipment } from './shipment-moves.js';
import { goodsReceipt, stock } from './stock.js';

/** The procedures of orders. A new one is its file and a line here. */
export const procedures: readonly AnyBound[] = withPlatform('orders', [
  product,
  priceList,
  priceBands,
  priceException,
  goodsReceipt,
  stock,
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
  dailyReport,
  monthlyReport,
  ledgerAdjustment,
  reconciliation,
]);
