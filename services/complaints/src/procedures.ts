import type { AnyBound } from '@fenxiao/service-kit/engine';
import { withPlatform } from '@fenxiao/service-kit/powers';
import { afterSalesCase } from './after-sales/case-moves.js';
import { contactRecord } from './after-sales/contact-record.js';
import { knowledgeArticle } from './after-sales/knowledge-article.js';
import { technicalSupport } from './after-sales/technical-support.js';
import { eraseAttached } from './attachments/erasing.js';
import { complaint } from './quality/complaint.js';
import { inquiry } from './quality/inquiry.js';
import { remedyAuthority } from './quality/remedy.js';
import { returnRequest } from './quality/return-request.js';
import { capa } from './quality-forms/capa.js';
import { qualityComplaintForm } from './quality-forms/form.js';
import { qualityDaily } from './quality-forms/quality-daily.js';
import { majorEvent } from './service-complaints/major-event.js';
import { opinion } from './service-complaints/opinion.js';
import { penalty } from './service-complaints/penalty.js';
import { serviceComplaint } from './service-complaints/service-complaint.js';
import { survey } from './surveys/survey.js';

/** The procedures of complaints. A new one is its file and a line here. */
export const procedures: readonly AnyBound[] = withPlatform(
  'complaints',
  [
    complaint,
    inquiry,
    returnRequest,
    capa,
    qualityComplaintForm,
    qualityDaily,
    afterSalesCase,
    technicalSupport,
    knowledgeArticle,
    contactRecord,
    serviceComplaint,
    penalty,
    opinion,
    majorEvent,
    survey,
  ],
  [remedyAuthority],
  [eraseAttached],
);
