import { CONFIG, type ServiceDefinition } from '@fenxiao/service-kit/service';
import { attachables } from './attachments/attachables.js';
import { attachmentController } from './attachments/routes.js';
import { FILE_STORE, storeOf } from './attachments/store.js';
import { Uploads } from './attachments/uploads.js';
import { complaintsConfig, type ComplaintsConfig } from './config.js';
import { migrations } from './migrations.js';
import { procedures } from './procedures.js';
import { PurchaseProjection } from './purchases.js';

export const complaints: ServiceDefinition<ComplaintsConfig> = {
  name: 'complaints',
  config: complaintsConfig,
  procedures,
  controllers: [PurchaseProjection, ...attachables.map(attachmentController)],
  providers: [Uploads, { provide: FILE_STORE, useFactory: storeOf, inject: [CONFIG] }],
  names: [
    "SELECT id, code || ' ' || name AS name FROM known_customer",
    "SELECT id, code || ' ' || name || ' ' || specification AS name FROM known_product",
  ],
  migrations,
};
