import type { Label } from './label.js';

/** the working calendar; X-01a, P-49: what its branch added to people and the organisation. */
export const calendar = {
  'calendar-day': { en: 'Special date', zh: '特殊日期' },
  holiday: { en: 'Holiday', zh: '节假日' },
  'make-up-day': { en: 'Make-up working day', zh: '调休工作日' },
  'recompute-deadline': { en: 'Deadline recomputed', zh: '重新计算期限' },

  regularFrom: { en: 'Regular from', zh: '转正日期' },
  headId: { en: 'Head of the department', zh: '部门负责人' },
} satisfies Record<string, Label>;
