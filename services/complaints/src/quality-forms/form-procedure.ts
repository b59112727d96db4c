import {
  formSection,
  FormDepartment,
  qualityComplaintForm,
  qualityComplaintFormEvents,
} from '@fenxiao/contracts/quality-forms';
import { Line, Note } from '@fenxiao/contracts/wire';
import { hours, workingDays, type BusinessCalendar } from '@fenxiao/domain/business-calendar';
import { headOffice } from '@fenxiao/procedures/powers';
import { procedure } from '@fenxiao/procedures/procedure';
import { z } from 'zod';
import { handlers } from '../quality/handler.js';
import { departments, rolesOf } from './departments.js';
import type { QualityComplaintForm } from './form-table.js';

/**
 * C-04 Quality complaint form 《客户投诉质量处理表》: opened by the sales manager, a section for each department, signed one by
 * one; C-08 复印件留档: its sealed copy goes to the office. What the moves do stands in `form.ts`.
 */
export const sectionsDueAt = ({ routedAt, enteredAt, sectionDays }: QualityComplaintForm, calendar: BusinessCalendar) =>
  calendar.due(routedAt ?? enteredAt, workingDays(sectionDays));

const unsigned = ({ sections }: QualityComplaintForm) => sections.filter(({ signedAt }) => !signedAt);

const accused = ({ against }: QualityComplaintForm) => (against ? [against] : []);

const stepLimit = ({ stepHours }: QualityComplaintForm) => hours(stepHours);
/** The later of having come to this step and the complaint's being handled. */
const startOf = ({ handledAt, enteredAt }: QualityComplaintForm) =>
  handledAt && handledAt > enteredAt ? handledAt : enteredAt;
const endOf = (subject: QualityComplaintForm, calendar: BusinessCalendar) =>
  calendar.due(startOf(subject), stepLimit(subject));
/** What tells of the ending is due once there is one. */
const afterHandling = {
  within: (subject: QualityComplaintForm, calendar: BusinessCalendar) =>
    subject.handledAt ? endOf(subject, calendar) : undefined,
  warnAt: (subject: QualityComplaintForm, calendar: BusinessCalendar) =>
    calendar.warnAt(startOf(subject), endOf(subject, calendar), stepLimit(subject)),
  except: accused,
  escalateTo: 'deputy-general-manager-sales',
} as const;

const filing = { holder: 'office', kind: 'copy' } as const;

export const formProcedure = procedure({
  name: 'quality-complaint-form',
  clause: 'C-04',
  class: 'confidential',
  events: qualityComplaintFormEvents,
  states: ['opened', 'routed', 'sections-complete', 'signed', 'copied-to-office', 'filed'],
  read: { ...headOffice, ...departments, office: 'all', 'regional-manager': 'region' },
  page: {
    title: 'quality-complaint-form',
    fields: [
      'complaintNumber',
      'distributorCode',
      'receipt',
      'productName',
      'specification',
      'quantity',
      'grade',
      'colourNumber',
      'batch',
      'purchasedOn',
      'severity',
      'defect',
      'description',
      'handling',
      'sections',
      'result',
      'signedAt',
      'sentAt',
      'copyReceivedAt',
      'place',
      'edition',
      'state',
    ],
    columns: { sections: ['department', 'findings', 'measures', 'signedById', 'signedAt'] },
    sign: ['sales-manager', 'head-of-department', 'deputy-general-manager-sales', 'office'],
  },
  archive: { states: ['copied-to-office'], copies: [{ holder: 'sales-manager', kind: 'original' }, filing] },
  start: { move: 'open', to: 'opened', by: handlers, form: qualityComplaintForm, fact: 'opened' },
  moves: {
    route: {
      from: 'opened',
      to: 'routed',
      by: handlers,
      form: z.object({ departments: z.array(FormDepartment).min(1).max(6) }),
      fact: 'routed',
      clock: {
        within: stepLimit,
        except: accused,
        escalateTo: 'deputy-general-manager-sales',
      },
    },
    /** its own section only, until it is signed */
    fillSection: { from: 'routed', by: departments, form: formSection, fact: 'section-filled' },
    /** what was read is signed, not what somebody has written since; so with `sign` */
    signSection: {
      from: 'routed',
      by: departments,
      form: z.object({ department: FormDepartment }),
      fact: 'section-signed',
      edits: true,
    },
    /** follows the last signature; until then those who have not signed are reminded */
    completeSections: {
      from: 'routed',
      to: 'sections-complete',
      by: { system: 'all' },
      fact: 'sections-completed',
      clock: {
        within: sectionsDueAt,
        remindDaysBefore: [0],
        tell: (subject: QualityComplaintForm) => rolesOf(unsigned(subject)),
        persons: (subject: QualityComplaintForm) => unsigned(subject).flatMap(({ heads = [] }) => heads),
        except: accused,
        escalateTo: 'sales-manager',
      },
    },
    sign: {
      from: 'sections-complete',
      to: 'signed',
      by: handlers,
      form: z.object({ result: Note }),
      fact: 'signed',
      edits: true,
      clock: afterHandling,
    },
    sendCopy: {
      clause: 'C-08',
      from: 'signed',
      to: 'copied-to-office',
      by: handlers,
      fact: 'copy-sent',
      clock: afterHandling,
    },
    /** K-Q16: within one business day */
    receiveCopy: {
      clause: 'C-08',
      from: 'copied-to-office',
      to: 'filed',
      by: { office: 'all' },
      form: z.object({
        place: Line,
        hash: z
          .string()
          .regex(/^[\da-f]{64}$/)
          .optional(),
      }),
      fact: 'copy-filed',
      clock: { within: workingDays(1), escalateTo: 'sales-manager' },
    },
    /** the complaint was opened again: another edition; what was sealed stays */
    reopen: {
      from: ['routed', 'sections-complete', 'signed', 'copied-to-office', 'filed'],
      to: 'opened',
      by: handlers,
      fact: 'reopened',
      reason: true,
    },
  },
});
