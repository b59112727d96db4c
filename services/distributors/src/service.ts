import type { ServiceDefinition } from '@fenxiao/service-kit/service';
import { distributorsConfig, type DistributorsConfig } from './config.js';
import { distributors as distributorLoader, regions } from './imports.js';
import { migrations } from './migrations.js';
import { PaymentReactions } from './payments.js';
import { procedures } from './procedures.js';

export const distributors: ServiceDefinition<DistributorsConfig> = {
  name: 'distributors',
  config: distributorsConfig,
  procedures,
  controllers: [PaymentReactions],
  loaders: [regions, distributorLoader],
  names: ["SELECT id, code || ' ' || name AS name FROM distributor"],
  migrations,
};
