import type { Label } from './label.js';

/** classes of data, what leaves the system, and who reads a lot. */
export const confidentiality = {
  public: { en: 'Public', zh: '公开' },
  internal: { en: 'Internal', zh: '内部' },
  confidential: { en: 'Confidential', zh: '机密' },
  secret: { en: 'Secret', zh: '绝密' },

  export: { en: 'Export', zh: '导出' },
  'export-ended': { en: 'Export ended', zh: '导出结束' },
  exported: { en: 'Exported', zh: '已导出' },
  'bulk-read': { en: 'Bulk reading', zh: '批量读取' },
  erasure: { en: 'Erasure of personal data', zh: '个人信息删除' },
  subjectId: { en: 'Record', zh: '记录' },
  ground: { en: 'Ground', zh: '依据' },
  'purpose-ended': { en: 'The purpose is reached', zh: '处理目的已实现' },
  'retention-ended': { en: 'It need not be kept any longer', zh: '保存期限已届满' },
  'consent-withdrawn': { en: 'Consent was withdrawn', zh: '个人撤回同意' },
  unlawful: { en: 'It was kept unlawfully', zh: '违法处理' },
  idNumber: { en: 'Identity number', zh: '证件号码' },
} satisfies Record<string, Label>;
