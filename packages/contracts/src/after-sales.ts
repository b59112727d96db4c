import { z } from 'zod';
import { aggregate, formEvents } from './event.js';
import { CalendarDate, Code, Id, Instant, Line, Note, Ref } from './wire.js';

/** After-sales cases, technical support, contact history and what is attached to them (C-10, C-11, C-21). Owned by complaints. */

/** by which way somebody was told, or a contact was had */
export const ContactWay = z.enum(['telephone', 'visit', 'message', 'mail', 'fax']);

const about = {
  number: Line,
  /** when the report reached us: notice, decision and closure times run from here (K-Q18) */
  receivedAt: Instant,
  regionId: Id,
  distributorId: Ref('distributor'),
  distributorCode: Code,
  orderNumber: Line.optional(),
  productId: Ref('product').optional(),
  productCode: Code.optional(),
  family: Line.optional(),
  /** business minutes from `receivedAt` until the regional manager was told (K-Q18), until the decision, until it was done */
  noticeMinutes: z.int().optional(),
  decisionMinutes: z.int().optional(),
  resolutionMinutes: z.int().optional(),
  /** and until it was closed */
  closureMinutes: z.int().optional(),
};
const notice = {
  /** when the regional manager was told: K-Q18 is this less `receivedAt` */
  notifiedAt: Instant,
  way: ContactWay,
};

/** what is done for the customer, as the technical department decides */
export const AfterSalesService = z.enum(['repair', 'replace', 'on-site-work', 'advice', 'none']);

export const afterSalesEvents = aggregate(
  'complaints',
  'after-sales-case',
  {
    reported: { ...about, description: Note },
    'rm-notified': { ...about, ...notice },
    suggested: { ...about, suggestion: Note },
    'on-site': { ...about, visitedOn: CalendarDate, findings: Note },
    'photos-requested': about,
    'photos-received': { ...about, photographs: z.int().min(1) },
    /** an opinion, not a decision */
    'opinion-signed': { ...about, opinion: Note },
    'verification-begun': about,
    decided: { ...about, verified: Note, decision: Note, service: AfterSalesService, decidedBy: Id, decidedRole: Line },
    serviced: { ...about, servicedOn: CalendarDate, result: Note },
    'rm-informed': { ...about, informedAt: Instant, way: ContactWay },
    /** all that K-Q18, decision time, closure time and the share decided by technical need */
    closed: {
      ...about,
      notifiedAt: Instant,
      decidedAt: Instant,
      decidedBy: Id,
      decidedRole: Line,
      service: AfterSalesService,
      servicedOn: CalendarDate,
      informedAt: Instant,
    },
  },
  { clocks: true },
);

export const technicalSupportEvents = aggregate(
  'complaints',
  'technical-support',
  {
    reported: { ...about, question: Note },
    'rm-notified': { ...about, ...notice },
    'verification-begun': about,
    answered: { ...about, answer: Note, articleIds: z.array(Id), contacts: z.int().min(1) },
    /** the customer came back with it; K-Q08 */
    'contacted-again': { ...about, contacts: z.int().min(2) },
    'rm-informed': { ...about, informedAt: Instant, way: ContactWay },
    /** K-Q08: settled at the first contact where `contacts` is 1 and no `reopened` follows within seven days */
    closed: {
      ...about,
      contacts: z.int().min(1),
      answeredAt: Instant,
      closedAt: Instant,
      /** how often it was opened again before */
      reopenings: z.int().min(0),
      articleIds: z.array(Id),
    },
    reopened: { ...about, closedAt: Instant, reopenings: z.int().min(1) },
  },
  { clocks: true },
);

export const knowledgeArticleForm = z.object({
  title: Line,
  /** what the customer sees or says */
  symptom: Note,
  solution: Note,
  productCode: Code.optional(),
});
export const knowledgeArticleEvents = formEvents('complaints', 'knowledge-article', knowledgeArticleForm, {
  drafted: {},
  edited: {},
  published: {},
  withdrawn: {},
});

const contact = {
  distributorId: Ref('distributor'),
  distributorCode: Code,
  regionId: Id,
  contactedOn: CalendarDate,
  way: ContactWay,
  direction: z.enum(['from-customer', 'to-customer']),
  topic: z.enum(['visit-trace', 'service', 'liaison', 'after-sales', 'other']),
  content: Note,
  caseId: Ref('after-sales-case').optional(),
  followUpOn: CalendarDate.optional(),
};
export const contactRecordEvents = aggregate(
  'complaints',
  'contact-record',
  { recorded: contact, 'followed-up': { ...contact, followedUpOn: CalendarDate, outcome: Note } },
  { clocks: true },
);

/** A file that belongs to a subject of this service. Neither its name nor where it was taken: both may tell of a person. */
export const attachmentEvents = aggregate('complaints', 'attachment', {
  stored: {
    procedure: Line,
    about: Id,
    regionId: Id.optional(),
    n: z.int().min(1),
    type: Line,
    size: z.int().min(1),
    /** SHA-256, hex */
    digest: z.string().regex(/^[0-9a-f]{64}$/),
  },
});
