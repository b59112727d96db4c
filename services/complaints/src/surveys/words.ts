import type { SurveyKind } from '@fenxiao/contracts/surveys';
import type { Language } from '@fenxiao/domain/dictionary';

/** What the page of a survey says, in both languages. */
const words = {
  brand: { zh: '分销 客户调查', en: 'Fenxiao: customer survey' },
  otherLanguage: { zh: 'English', en: '中文' },
  title: { zh: '请您评价', en: 'How did we do?' },
  intro: {
    zh: '只有一个问题，不到一分钟，无需账号。答卷只能提交一次，由销售部用于改进工作。',
    en: 'One question, less than a minute, no account. It can be answered once; our sales department reads it to do better.',
  },
  number: { zh: '编号', en: 'Number' },
  deliveryQuestion: { zh: '您对这次送货满意吗？', en: 'How satisfied are you with this delivery?' },
  complaintQuestion: {
    zh: '您对我们处理这次投诉的过程满意吗？',
    en: 'How satisfied are you with the way we handled this complaint?',
  },
  npsQuestion: {
    zh: '您有多大可能把我们推荐给同行？',
    en: 'How likely are you to recommend us to others in your trade?',
  },
  worst: { zh: '1 非常不满意', en: '1 Very dissatisfied' },
  best: { zh: '5 非常满意', en: '5 Very satisfied' },
  least: { zh: '0 完全不可能', en: '0 Not at all' },
  most: { zh: '10 非常可能', en: '10 Very likely' },
  comment: { zh: '您想说明的（可不填）', en: 'Anything you would like to say (optional)' },
  commentHint: {
    zh: '如不满意，请写明原因，我们会有人答复您。',
    en: 'If you are not satisfied, tell us why: somebody will answer you.',
  },
  send: { zh: '提交', en: 'Send' },
  needed: { zh: '请选择一个分数。', en: 'Please choose a score.' },
  tooLong: { zh: '意见请不超过2000字。', en: 'Please keep the comment under 2,000 characters.' },
  thanks: { zh: '感谢您的评价', en: 'Thank you for your answer' },
  received: { zh: '我们已收到您的答卷，可以关闭此页。', en: 'We have your answer. You can close this page.' },
  notOpen: { zh: '此链接无效', en: 'This link is not valid' },
  notOpenWhy: {
    zh: '链接可能不完整或已过期。如有意见，请致电销售部，或在网上提交投诉。',
    en: 'It may be incomplete or out of date. To tell us something, please call the sales department or make a complaint online.',
  },
  tooMany: { zh: '请求过于频繁，请稍后再试。', en: 'Too many requests. Please try again later.' },
} as const satisfies Record<string, Record<Language, string>>;

export type SurveyWord = keyof typeof words;
export type SurveyWords = { readonly [W in SurveyWord]: string } & { readonly language: Language };

export const surveyWords = (language: Language): SurveyWords =>
  ({
    language,
    ...Object.fromEntries(Object.entries(words).map(([word, text]) => [word, text[language]])),
  }) as SurveyWords;

export const questionOf = {
  delivery: 'deliveryQuestion',
  complaint: 'complaintQuestion',
  nps: 'npsQuestion',
} as const satisfies Record<SurveyKind, SurveyWord>;
