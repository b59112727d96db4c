import { domainError } from '@fenxiao/domain/domain-error';

/** What may be wrong with a store of attachments, of whatever kind. */
export const storeAway = domainError({
  code: 'complaints.attachment.store-away',
  kind: 'unavailable',
  en: 'The store of attachments can not be reached, or does not let us in; try again.',
  zh: '附件存储无法访问或拒绝访问，请稍后再试。',
});
export const fileLost = domainError({
  code: 'complaints.attachment.file-lost',
  kind: 'unavailable',
  en: 'The file is not in the store, although it is on record.',
  zh: '登记的文件不在存储中。',
});
export const storeFull = domainError({
  code: 'complaints.attachment.store-full',
  kind: 'unavailable',
  en: 'There is no room left for attachments; whoever runs the system has to make some.',
  zh: '附件存储空间不足，请联系系统管理员。',
});
