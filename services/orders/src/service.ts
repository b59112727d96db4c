import type { ServiceDefinition } from '@fenxiao/service-kit/service';
import { ordersConfig, type OrdersConfig } from './config.js';
import { DistributorProjection } from './distributor.js';
import { migrations } from './migrations.js';
import { procedures } from './procedures.js';
import { OrderReactions } from './reactions.js';

export const orders: ServiceDefinition<OrdersConfig> = {
  name: 'orders',
  config: ordersConfig,
  procedures,
  controllers: [DistributorProjection, OrderReactions],
  migrations,
};
