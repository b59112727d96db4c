import { CONFIG, type ServiceDefinition } from '@fenxiao/service-kit/service';
import { attachables } from './attachments/attachables.js';
import { attachmentController } from './attachments/routes.js';
import { FILE_STORE, storeOf } from './attachments/store.js';
import { sweepAttachments } from './attachments/sweeping.js';
import { Uploads } from './attachments/uploads.js';
import { complaintsConfig, type ComplaintsConfig } from './config.js';
import { migrations } from './migrations.js';
import { procedures } from './procedures.js';
import { PublicComplaints } from './public/complain.js';
import { PurchaseProjection } from './purchases.js';
import { QualityProjection } from './quality-forms/daily-projection.js';
import { remindMissingForms } from './quality-forms/missing-forms.js';
import { generateQualityDaily } from './quality-forms/quality-daily.js';
import { PenaltyAnswers } from './service-complaints/penalty-answers.js';
import { SurveyedDeliveries } from './surveys/issuing.js';
import { SurveyLinkController } from './surveys/link-routes.js';
import { issueNpsSurveys } from './surveys/nps.js';
import { PublicSurvey } from './surveys/public-survey.js';
import { DeliveryDamage } from './quality/delivery.js';
import { HandlerGone, reassignComplaints } from './quality/handler-gone.js';
import { historicComplaints } from './quality/history.js';
import { PurchasesController } from './quality/purchases-routes.js';
import { ReturnAnswers } from './quality/return-answers.js';

export const complaints: ServiceDefinition<ComplaintsConfig> = {
  name: 'complaints',
  config: complaintsConfig,
  procedures,
  providers: [Uploads, { provide: FILE_STORE, useFactory: storeOf, inject: [CONFIG] }],
  controllers: [
    PurchaseProjection,
    DeliveryDamage,
    SurveyedDeliveries,
    ReturnAnswers,
    HandlerGone,
    PurchasesController,
    PublicComplaints,
    SurveyLinkController,
    PublicSurvey,
    QualityProjection,
    PenaltyAnswers,
    ...attachables.map(attachmentController),
  ],
  jobs: [remindMissingForms, generateQualityDaily, reassignComplaints, issueNpsSurveys, sweepAttachments],
  names: [
    "SELECT id, code || ' ' || name AS name FROM known_customer",
    "SELECT id, code || ' ' || name || ' ' || specification AS name FROM known_product",
    'SELECT id, number AS name FROM complaint',
    'SELECT id, number AS name FROM capa',
    'SELECT id, number AS name FROM quality_complaint_form',
  ],
  loaders: [historicComplaints],
  migrations,
};
