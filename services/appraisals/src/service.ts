import type { ServiceDefinition } from '@fenxiao/service-kit/service';
import { LeavingReactions } from './asset.js';
import { bootstrap } from './bootstrap.js';
import { CalendarController } from './calendar.js';
import { appraisalsConfig, type AppraisalsConfig } from './config.js';
import { people, positions } from './imports.js';
import { migrations } from './migrations.js';
import { OrganisationController } from './organisation.js';
import { procedures } from './procedures.js';
import { ReadingController } from './read-confirmation.js';

export const appraisals: ServiceDefinition<AppraisalsConfig> = {
  name: 'appraisals',
  config: appraisalsConfig,
  procedures,
  controllers: [CalendarController, OrganisationController, ReadingController, LeavingReactions],
  loaders: [people, positions],
  migrations,
  prepare: bootstrap,
};
