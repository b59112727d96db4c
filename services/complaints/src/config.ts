import { CapaStep, FormDepartment } from '@fenxiao/contracts/quality-forms';
import { PositiveAmount } from '@fenxiao/contracts/wire';
import { Money } from '@fenxiao/domain/money';
import { baseConfig, key256 } from '@fenxiao/service-kit/config';
import type { Work } from '@fenxiao/service-kit/work';
import { z } from 'zod';
import { isFine } from './service-complaints/fine.js';
import { attachmentSettings, halfS3, isWholeS3 } from './attachments/settings.js';

/** What the departments that fill a section of the form are called as units, so that their heads are known. */
const departmentUnits: Readonly<Record<FormDepartment, string>> = {
  production: '生产部',
  technical: '技术部',
  warehouse: '仓储部',
  transport: '运输部',
  sales: '销售部',
  quality: '质检部',
};

const json = z.string().transform((text, { addIssue }): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    addIssue('JSON');
    return z.NEVER;
  }
});

/** How long the steps of an 8D may take, in working days from its opening. */
const capaStepDays: Readonly<Record<CapaStep, number>> = {
  team: 1,
  problem: 2,
  containment: 1,
  'containment-check': 3,
  'root-cause': 10,
  'permanent-action': 15,
  implementation: 30,
  prevention: 45,
  closing: 90,
};

const hours = (preset: number) => z.coerce.number().int().min(1).max(2000).default(preset);
const workingHours = z.coerce.number().int().min(1).max(400);

/** 20—100元/次: the regulation's own bounds, both included */
const Fine = PositiveAmount.refine((text) => isFine(Money.of(text)), '20.00 to 100.00');

/** What the regulations leave blank in complaints. */
const whole = baseConfig.extend({
  /** JSON: step of an 8D → working days from its opening, where they are not the usual: `{"root-cause": 8}` (C-09) */
  CAPA_STEP_DAYS: json
    .default({})
    .pipe(z.partialRecord(CapaStep, z.int().min(1).max(366)))
    .transform((days) => ({ ...capaStepDays, ...days })),
  /** days from carrying out to the effectiveness check (C-09) */
  CAPA_EFFECT_DAYS: z.coerce.number().int().min(1).max(366).default(60),
  /** the how many-th complaint of a product and defect within `REPEAT_DAYS` opens an 8D (C-09) */
  CAPA_REPEATS: z.coerce.number().int().min(2).default(3),
  /** working days after the day a complaint is logged on which its form is to be opened: 0 is that day itself (C-04 及时) */
  QUALITY_FORM_DAYS: z.coerce.number().int().min(0).max(30).default(0),
  /** working days the departments have for their sections of the form (C-04) */
  QUALITY_FORM_SECTION_DAYS: z.coerce.number().int().min(1).max(60).default(2),
  /** working hours in which the form is routed once it is opened, and signed, and copied, once its complaint is handled (C-04, C-08) */
  QUALITY_FORM_STEP_WORKING_HOURS: workingHours.default(8),
  /** JSON: department → its unit, where they are called otherwise: `{"transport": "物流部"}` (C-04) */
  DEPARTMENT_UNITS: json
    .default({})
    .pipe(z.partialRecord(FormDepartment, z.string().min(1).max(64)))
    .transform((units) => ({ ...departmentUnits, ...units })),
  /** working hours in which the form of a service complaint is opened, and sent on to the department at fault (C-12) */
  SERVICE_OPEN_WORKING_HOURS: workingHours.default(8),
  /** working hours in which that department handles it; where it is serious or grave (C-12, C-16) */
  SERVICE_HANDLE_WORKING_HOURS: workingHours.default(24),
  SERVICE_HANDLE_SERIOUS_WORKING_HOURS: workingHours.default(8),
  /** working hours from then on in which the customer is told (C-13) */
  SERVICE_INFORM_WORKING_HOURS: workingHours.default(16),
  /** working hours from then on in which the office is sent its copy of the form, and again in which it receives it (C-12, K-Q16) */
  SERVICE_COPY_WORKING_HOURS: workingHours.default(8),
  /** the fine for a service fault where none is named, by severity; none for a minor one (C-14) */
  SERVICE_FINE_MEDIUM: Fine.default('20'),
  SERVICE_FINE_SERIOUS: Fine.default('50'),
  SERVICE_FINE_GRAVE: Fine.default('100'),
  /** the most that is deducted of one person's fines of a calendar month; what is above is recorded as points (C-14) */
  FINE_MONTHLY_CAP: PositiveAmount.default('200'),
  /** fines are recorded as points only, and no money is deducted (C-14) */
  FINES_AS_POINTS_ONLY: z.stringbool().default(false),
  /** working days to appeal against a penalty before it takes effect; to decide on its proposal, and on an appeal (C-14) */
  PENALTY_APPEAL_WORKING_DAYS: z.coerce.number().int().min(1).max(60).default(5),
  PENALTY_DECISION_WORKING_DAYS: z.coerce.number().int().min(1).max(60).default(5),
  /** working hours in which appraisals answers whether it carries a penalty out (C-14) */
  PENALTY_ANSWER_WORKING_HOURS: workingHours.default(16),
  /** working hours in which a customer's opinion is assigned, solved, and then answered (C-17) */
  OPINION_ASSIGN_WORKING_HOURS: workingHours.default(8),
  OPINION_SOLVE_WORKING_HOURS: workingHours.default(24),
  OPINION_ANSWER_WORKING_HOURS: workingHours.default(8),
  /** minutes on the clock on the wall in which a major event is acknowledged (C-17) */
  MAJOR_EVENT_MINUTES: z.coerce.number().int().min(5).max(1440).default(120),

  /** C-01, ISO 10002 7.4: working hours from the receipt of a complaint to its acknowledgement */
  COMPLAINT_ACKNOWLEDGE_HOURS: hours(2),
  /** C-03: working hours in which the departments are told ("at once") */
  COMPLAINT_NOTIFY_HOURS: hours(2),
  /** C-03: working hours from telling the departments to the cause confirmed */
  COMPLAINT_CAUSE_HOURS: hours(24),
  /** C-05: working hours from the cause to the verdict; C-06: from the verdict to the remedy */
  COMPLAINT_VERDICT_HOURS: hours(16),
  COMPLAINT_DECISION_HOURS: hours(8),
  /** C-06: working hours from the decision until the remedy is carried out */
  COMPLAINT_RESOLUTION_HOURS: hours(40),
  /** ISO 10002 7.8: working hours until the customer knows the outcome */
  COMPLAINT_INFORM_HOURS: hours(8),
  /** C-16: how much of those times a medium, serious, grave complaint has, in percent; a minor one has all */
  COMPLAINT_MEDIUM_PERCENT: z.coerce.number().int().min(1).max(100).default(100),
  COMPLAINT_SERIOUS_PERCENT: z.coerce.number().int().min(1).max(100).default(50),
  COMPLAINT_GRAVE_PERCENT: z.coerce.number().int().min(1).max(100).default(25),
  /** C-03: a department acknowledges in so many working hours and finds the cause in so many working days */
  INQUIRY_ACKNOWLEDGE_HOURS: hours(2),
  INQUIRY_CAUSE_DAYS: z.coerce.number().int().min(1).max(60).default(2),
  /** C-06: working hours in which orders answers a return that was asked for */
  RETURN_ANSWER_HOURS: hours(16),
  /** C-07: days after its resolution in which the customer is called */
  FOLLOW_UP_DAYS: z.coerce.number().int().min(1).max(366).default(7),
  /** K-Q10, C-09: days in which the same product and defect is a repeat; so long after its close an 8D is opened again */
  REPEAT_DAYS: z.coerce.number().int().min(1).max(3660).default(90),
  /** C-10: working minutes in which the regional manager is told of a case, and of what was done ("at first moment") */
  AFTER_SALES_NOTICE_MINUTES: z.coerce.number().int().min(1).max(6000).default(30),
  /** C-10: working hours until photographs are asked for, or somebody is there; until they have come; and so on */
  AFTER_SALES_VISIT_HOURS: hours(4),
  AFTER_SALES_PHOTOS_HOURS: hours(16),
  AFTER_SALES_OPINION_HOURS: hours(4),
  AFTER_SALES_VERIFY_HOURS: hours(8),
  AFTER_SALES_DECIDE_HOURS: hours(16),
  AFTER_SALES_SERVICE_HOURS: hours(40),
  AFTER_SALES_CLOSE_HOURS: hours(8),
  /** C-21, K-Q08: days after its closing in which a question is opened again; later it is a new one */
  TECHNICAL_SUPPORT_REOPEN_DAYS: z.coerce.number().int().min(1).max(366).default(7),
  /** C-18: days in which a survey is answered, from its issue; in which a customer is asked once at most of each kind */
  SURVEY_ANSWER_DAYS: z.coerce.number().int().min(1).max(366).default(30),
  SURVEY_REST_DAYS: z.coerce.number().int().min(0).max(366).default(30),
  /** 32 bytes, base64: signs the links of surveys (C-18) */
  SURVEY_LINK_KEY: key256,
  /** what it was before: links signed by it open until they expire */
  SURVEY_LINK_KEY_PREVIOUS: z
    .literal('off')
    .transform(() => undefined)
    .or(key256)
    .optional(),
  /** where customers find the gateway: links begin with it */
  PUBLIC_URL: z
    .url()
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  ...attachmentSettings,
});
/** A schema with a condition takes no more fields: they go above. */
export const complaintsConfig = whole.refine(isWholeS3, halfS3);
export type ComplaintsConfig = z.infer<typeof complaintsConfig>;

export const settings = (work: Work): ComplaintsConfig => work.config as ComplaintsConfig;
