import type { ServiceDefinition } from '@fenxiao/service-kit/service';
import { complaintsConfig, type ComplaintsConfig } from './config.js';
import { migrations } from './migrations.js';
import { procedures } from './procedures.js';
import { PublicComplaints } from './public/complain.js';
import { PurchaseProjection } from './purchases.js';
import { PenaltyAnswers } from './service-complaints/penalty-answers.js';
import { DeliveryDamage } from './quality/delivery.js';
import { historicComplaints } from './quality/history.js';
import { PurchasesController } from './quality/purchases-routes.js';
import { ReturnAnswers } from './quality/return-answers.js';

export const complaints: ServiceDefinition<ComplaintsConfig> = {
  name: 'complaints',
  config: complaintsConfig,
  procedures,
  controllers: [
    PurchaseProjection,
    DeliveryDamage,
    ReturnAnswers,
    PurchasesController,
    PublicComplaints,
    PenaltyAnswers,
  ],
  names: [
    "SELECT id, code || ' ' || name AS name FROM known_customer",
    "SELECT id, code || ' ' || name || ' ' || specification AS name FROM known_product",
    'SELECT id, number AS name FROM complaint',
  ],
  loaders: [historicComplaints],
  migrations,
};
