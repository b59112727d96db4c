import { baseConfig, type BaseConfig } from '@fenxiao/service-kit/config';
import type { ServiceDefinition } from '@fenxiao/service-kit/service';
import { competitors, observations } from './imports.js';
import { migrations } from './migrations.js';
import { PolicyProgressController } from './policy-execution.js';
import { procedures } from './procedures.js';

export const planning: ServiceDefinition<BaseConfig> = {
  name: 'planning',
  config: baseConfig,
  procedures,
  controllers: [PolicyProgressController],
  loaders: [competitors, observations],
  migrations,
};
