import type { AnyBound } from '@fenxiao/service-kit/engine';
import { withPlatform } from '@fenxiao/service-kit/powers';
import { agreementAcceptance } from './agreement-acceptance.js';
import { asset } from './asset.js';
import { calendarDay } from './calendar-day.js';
import { delegation } from './delegation.js';
import { department } from './department.js';
import { law } from './law.js';
import { person } from './person.js';
import { position } from './position.js';
import { readConfirmation } from './read-confirmation.js';
import { regulation } from './regulation.js';

/** The procedures of appraisals. A new one is its file and a line here. */
export const procedures: readonly AnyBound[] = withPlatform('appraisals', [
  person,
  position,
  department,
  calendarDay,
  delegation,
  regulation,
  readConfirmation,
  agreementAcceptance,
  law,
  asset,
]);
