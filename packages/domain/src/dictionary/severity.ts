import type { Label } from './label.js';

/** C-16: 情节大小. */
export const severity = {
  complaint: { en: 'Quality complaint', zh: '质量投诉' },
  minor: { en: 'Minor', zh: '轻微' },
  'complaint.medium': { en: 'Medium', zh: '一般' },
  serious: { en: 'Serious', zh: '严重' },
  grave: { en: 'Grave', zh: '特别严重' },
} satisfies Record<string, Label>;
