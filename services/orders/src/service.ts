import type { ServiceDefinition } from '@fenxiao/service-kit/service';
import { generateDailyReport } from './books/daily-report.js';
import { LedgerController } from './books/ledger-reading.js';
import { generateMonthlyReport } from './books/monthly-report.js';
import { DailyReportDocuments, ReconciliationDifferences } from './books/parts.js';
import { openReconciliation } from './books/reconciliation.js';
import { OrderFileController } from './collection/file-routes.js';
import { incompleteFiles, OrderFileReactions } from './collection/order-file.js';
import { CollectionReactions, overdueReceivables } from './collection/overdue.js';
import { ReceivablesController } from './collection/receivables-routes.js';
import { ordersConfig, type OrdersConfig } from './config.js';
import { DistributorProjection } from './distributor.js';
import { historicOrders } from './imports/orders.js';
import { productNewness } from './ideas/newness.js';
import { recordCreditPositions } from './positions/credit-positions.js';
import { recordStockPositions } from './positions/stock-positions.js';
import { prices, products, stocks } from './imports/products.js';
import { receipts } from './imports/receipts.js';
import { consolidateInvoices } from './invoicing.js';
import { migrations } from './migrations.js';
import { MarginController } from './price-setting.js';
import { procedures } from './procedures.js';
import { computeLargeOrderLimits } from './production/large-order.js';
import { priceCutDays } from './promotions/price-cut-days.js';
import { PipelineReactions } from './production/opportunity.js';
import { summariseProduction } from './production/summary.js';
import { BatchReactions } from './quality/holds.js';
import { QuoteController } from './quotes.js';
import { ReconciliationController } from './reconciliation.js';
import { OrderReactions } from './reactions.js';
import { ReturnRequests } from './returns/answers.js';
import { sampleConversions } from './samples/conversion.js';
import { StocktakeLinesController } from './stocktake/lines-routes.js';
import { announceStocktake, openStocktakes } from './stocktake/yearly.js';

export const orders: ServiceDefinition<OrdersConfig> = {
  name: 'orders',
  config: ordersConfig,
  procedures,
  controllers: [
    DistributorProjection,
    OrderReactions,
    PipelineReactions,
    BatchReactions,
    ReturnRequests,
    ReconciliationController,
    LedgerController,
    DailyReportDocuments,
    ReconciliationDifferences,
    MarginController,
    QuoteController,
    CollectionReactions,
    ReceivablesController,
    OrderFileReactions,
    OrderFileController,
    StocktakeLinesController,
  ],
  jobs: [
    generateDailyReport,
    generateMonthlyReport,
    openReconciliation,
    consolidateInvoices,
    announceStocktake,
    openStocktakes,
    overdueReceivables,
    incompleteFiles,
    computeLargeOrderLimits,
    summariseProduction,
    sampleConversions,
    productNewness,
    priceCutDays,
    recordStockPositions,
    recordCreditPositions,
  ],
  loaders: [products, prices, stocks, historicOrders, receipts],
  names: [
    "SELECT id, code || ' ' || name AS name FROM known_distributor",
    "SELECT id, code || ' ' || name || ' ' || specification AS name FROM product",
    'SELECT id, number AS name FROM "order"',
    'SELECT id, number AS name FROM shipment',
    'SELECT id, number AS name FROM invoice',
    'SELECT id, number AS name FROM goods_return',
    'SELECT id, number AS name FROM credit_note',
    'SELECT id, number AS name FROM production_request',
    'SELECT id, number AS name FROM payment',
    'SELECT id, number AS name FROM stocktake',
    "SELECT id, number || ' ' || title AS name FROM price_cut",
  ],
  migrations,
};
