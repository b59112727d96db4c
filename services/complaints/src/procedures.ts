import type { AnyBound } from '@fenxiao/service-kit/engine';
import { withPlatform } from '@fenxiao/service-kit/powers';
import { complaint } from './quality/complaint.js';
import { inquiry } from './quality/inquiry.js';
import { remedyAuthority } from './quality/remedy.js';
import { returnRequest } from './quality/return-request.js';
import { majorEvent } from './service-complaints/major-event.js';
import { opinion } from './service-complaints/opinion.js';
import { penalty } from './service-complaints/penalty.js';
import { serviceComplaint } from './service-complaints/service-complaint.js';

/** The procedures of complaints. A new one is its file and a line here. */
export const procedures: readonly AnyBound[] = withPlatform(
  'complaints',
  [complaint, inquiry, returnRequest, serviceComplaint, penalty, opinion, majorEvent],
  [remedyAuthority],
);
