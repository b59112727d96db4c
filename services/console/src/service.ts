import type { ServiceDefinition } from '@fenxiao/service-kit/service';
import { consoleConfig, type ConsoleConfig } from './config.js';
import { ImportController } from './import/controller.js';
import { ImportJobs } from './import/jobs.js';
import { Uploads } from './import/uploads.js';
import { migrations } from './migrations.js';

export const consoleService: ServiceDefinition<ConsoleConfig> = {
  name: 'console',
  config: consoleConfig,
  procedures: [],
  controllers: [ImportController],
  providers: [ImportJobs, Uploads],
  migrations,
};
