import type { ServiceDefinition } from '@fenxiao/service-kit/service';
import { consoleConfig, type ConsoleConfig } from './config.js';
import { ImportController } from './import/controller.js';
import { ImportJobs } from './import/jobs.js';
import { Uploads } from './import/uploads.js';
import { NoticeController } from './notices/controller.js';
import { InboundController } from './inbound/controller.js';
import { Mailbox } from './inbound/mailbox.js';
import { Deliverer } from './notices/deliverer.js';
import { PowerChangeProjection } from './notices/powers.js';
import { PersonErasure } from './notices/erasing.js';
import { NoticeIntake } from './notices/receiving.js';
import { migrations } from './migrations.js';

export const consoleService: ServiceDefinition<ConsoleConfig> = {
  name: 'console',
  config: consoleConfig,
  procedures: [],
  controllers: [
    ImportController,
    NoticeController,
    NoticeIntake,
    PowerChangeProjection,
    PersonErasure,
    InboundController,
  ],
  providers: [ImportJobs, Uploads, Deliverer, Mailbox],
  migrations,
};
