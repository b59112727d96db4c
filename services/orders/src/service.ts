import type { ServiceDefinition } from '@fenxiao/service-kit/service';
import { ordersConfig, type OrdersConfig } from './config.js';
import { DistributorProjection } from './distributor.js';
import { historicOrders } from './imports/orders.js';
import { prices, products, stocks } from './imports/products.js';
import { receipts } from './imports/receipts.js';
import { consolidateInvoices } from './invoicing.js';
import { migrations } from './migrations.js';
import { procedures } from './procedures.js';
import { computeLargeOrderLimits } from './production/large-order.js';
import { summariseProduction } from './production/summary.js';
import { BatchReactions } from './quality/holds.js';
import { ReconciliationController } from './reconciliation.js';
import { OrderReactions } from './reactions.js';
import { ReturnRequests } from './returns/answers.js';

export const orders: ServiceDefinition<OrdersConfig> = {
  name: 'orders',
  config: ordersConfig,
  procedures,
  controllers: [DistributorProjection, OrderReactions, BatchReactions, ReturnRequests, ReconciliationController],
  loaders: [products, prices, stocks, historicOrders, receipts],
  jobs: [consolidateInvoices, computeLargeOrderLimits, summariseProduction],
  names: [
    "SELECT id, code || ' ' || name AS name FROM known_distributor",
    "SELECT id, code || ' ' || name || ' ' || specification AS name FROM product",
    'SELECT id, number AS name FROM "order"',
    'SELECT id, number AS name FROM shipment',
    'SELECT id, number AS name FROM invoice',
    'SELECT id, number AS name FROM goods_return',
    'SELECT id, number AS name FROM credit_note',
    'SELECT id, number AS name FROM production_request',
  ],
  migrations,
};
