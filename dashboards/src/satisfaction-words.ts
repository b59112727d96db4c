import type { Label } from '@fenxiao/domain/dictionary';

const panel = (title: Label, about: Label) => ({ title, about });

/** The panels about what customers answer when they are asked. */
export const satisfactionPanelWords = {
  'survey-csat': panel(
    { zh: '客户满意度 CSAT', en: 'CSAT' },
    {
      zh: '期间内的答卷中 4 分或 5 分 ÷ 全部答卷（1 至 5 分），送货与投诉处理分列；不含投诉回访电话的评分（见“投诉与质量”）。少于 30 份者标明。n 为答卷数。',
      en: 'Answers of 4 or 5 ÷ all answers given in the period (scale 1 to 5), deliveries and complaint handling apart; scores of follow-up calls stand on “Complaints and quality”. Fewer than 30 are flagged. n counts answers.',
    },
  ),
  'survey-nps': panel(
    { zh: '净推荐值 NPS', en: 'NPS' },
    {
      zh: '期间内收到的各半年度答卷：9–10 分占比减 0–6 分占比，取值 −100 至 +100，不是百分比。少于 30 份者标明。n 为答卷数。',
      en: 'Of each half-year, answers given in the period: share of 9–10 minus share of 0–6, from −100 to +100, no percentage. Fewer than 30 are flagged. n counts answers.',
    },
  ),
  'customer-retention': panel(
    { zh: '客户保有率', en: 'Customer retention' },
    {
      zh: '上期（紧邻之前相同天数）与本期均有发货的客户 ÷ 上期有发货的客户。n 为上期客户数。',
      en: 'Customers shipped to in the period before (as many days just before) and again in this one ÷ those of the period before. n counts customers of the period before.',
    },
  ),
  'survey-responses': panel(
    { zh: '答复率', en: 'Response rate' },
    {
      zh: '期间内送达链接的调查：已答 ÷ 已送达；逾期未答另列。n 为已送达数。',
      en: 'Of the surveys whose link was handed over in the period: answered ÷ handed over; expired unanswered stand beside. n counts those handed over.',
    },
  ),
  'survey-csat-months': panel(
    { zh: '各月 CSAT', en: 'CSAT of each month' },
    {
      zh: '按答卷月份与调查类别：4 分或 5 分 ÷ 全部答卷；少于 30 份者标明。n 为答卷数。',
      en: 'By month of answer and kind of survey: 4 or 5 ÷ all; fewer than 30 are flagged. n counts answers.',
    },
  ),
  'survey-scores': panel(
    { zh: '评分分布', en: 'Scores' },
    {
      zh: '期间内各分数的答卷数；送货与投诉处理为 1 至 5 分，推荐意愿为 0 至 10 分。n 为答卷数。',
      en: 'Answers of each score in the period; deliveries and complaint handling from 1 to 5, recommendation from 0 to 10. n counts answers.',
    },
  ),
  'survey-csat-trend': panel(
    { zh: 'CSAT 走势', en: 'CSAT by month' },
    {
      zh: '按答卷月份：4 分或 5 分 ÷ 全部答卷，送货与投诉处理分列。n 为答卷数。',
      en: 'By month of answer: 4 or 5 ÷ all answers, deliveries and complaint handling apart. n counts answers.',
    },
  ),
  'survey-nps-trend': panel(
    { zh: 'NPS 走势', en: 'NPS by half-year' },
    {
      zh: '按答卷所在半年：9–10 分占比减 0–6 分占比，−100 至 +100。n 为答卷数。',
      en: 'By the half-year of the answer: share of 9–10 minus share of 0–6, −100 to +100. n counts answers.',
    },
  ),
  'survey-comments': panel(
    { zh: '低分意见', en: 'What the dissatisfied say' },
    {
      zh: '期间内 CSAT 不高于 2 分或 NPS 不高于 6 分且附意见的答卷，最多 100 条；每条均已登记为客户意见。n 为条数。',
      en: 'Answers of the period with a comment and a CSAT of 2 or less or an NPS of 6 or less, 100 at most; each was recorded as an opinion to be answered. n counts answers.',
    },
  ),
};
