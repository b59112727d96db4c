import { workingDays, type BusinessCalendar } from '@fenxiao/domain/business-calendar';
import type { Work } from '@fenxiao/service-kit/work';
import type { QualityComplaintForm } from './form-table.js';

/** C-04, C-08: the limits of the form, and how its facts read. */

/**
 * 及时: by the end of the working day on which the complaint was logged, or of so many working days after it. What is logged
 * after hours or on a free day counts for the next working day.
 */
export function openBy(loggedAt: Date, days: number, calendar: BusinessCalendar): Date {
  const logged = calendar.dateOf(loggedAt);
  const first =
    loggedAt > calendar.closeOfBusiness(logged)
      ? calendar.nextWorkingDay(logged)
      : calendar.workingDayOnOrAfter(logged);
  return calendar.closeOfBusiness(calendar.addWorkingDays(first, days));
}

/** K-Q16: one business day from when it was sent. */
const copyDueAt = (sentAt: Date, calendar: BusinessCalendar) => calendar.due(sentAt, workingDays(1));

export const copyOnTime = ({ sentAt, copyReceivedAt }: QualityComplaintForm, calendar: BusinessCalendar): boolean =>
  sentAt !== null && copyReceivedAt !== null && copyReceivedAt <= copyDueAt(sentAt, calendar);

export function head(subject: QualityComplaintForm, _: unknown, { calendar }: Work) {
  const {
    region,
    distributorCode,
    productCode,
    sections,
    createdAt,
    openBy: by,
    signedAt,
    sentAt,
    copyReceivedAt,
  } = subject;
  return {
    number: subject.number,
    complaintId: subject.complaint,
    complaintNumber: subject.complaintNumber,
    severity: subject.severity,
    defect: subject.defect,
    edition: subject.edition,
    openedAt: createdAt.toISOString(),
    openBy: by.toISOString(),
    openedOnTime: createdAt <= by,
    departments: sections.map(({ department }) => department),
    departmentsSigned: sections.filter((section) => section.signedAt).length,
    ...(region ? { regionId: region } : {}),
    ...(distributorCode ? { distributorCode } : {}),
    ...(productCode ? { productCode } : {}),
    ...(signedAt ? { signedAt: signedAt.toISOString() } : {}),
    ...(sentAt ? { sentAt: sentAt.toISOString(), copyDueAt: copyDueAt(sentAt, calendar).toISOString() } : {}),
    ...(copyReceivedAt
      ? { copyReceivedAt: copyReceivedAt.toISOString(), copyOnTime: copyOnTime(subject, calendar) }
      : {}),
  };
}
