import type { Label } from '@fenxiao/domain/dictionary';

const panel = (title: Label, about: Label) => ({ title, about });

/** Columns, titles and units of the dashboard about after-sales. */
export const afterSalesWords = {
  'aftersales.title': { zh: '售后时钟', en: 'After-sales clock' },
  'aftersales.description': {
    zh: '通知区域经理、技术部决定、办结各用多久，时限达成、待拍照与未办结事项；技术支持的首次解决率与时长。',
    en: 'How long until the regional manager is told, technical decides, a case is closed; clocks, photographs awaited, what is open; technical support.',
  },
  'tag.aftersales': { zh: '售后', en: 'after-sales' },
  p50_minutes: { zh: '中位数', en: 'Median' },
  p90_minutes: { zh: '第 90 百分位', en: '90th percentile' },
  told_in_time: { zh: '30 分钟内通知', en: 'Told within 30 min' },
  told_late: { zh: '逾时通知', en: 'Told late' },
  untold: { zh: '尚未通知', en: 'Not told yet' },
  by_technical: { zh: '技术部决定', en: 'Decided by technical' },
  serviced_hours: { zh: '处理完毕（中位数）', en: 'Until serviced, median' },
  unclosed: { zh: '未办结', en: 'Open' },
  photos_waiting: { zh: '待照片', en: 'Awaiting photographs' },
  oldest_hours: { zh: '最长等待', en: 'Longest wait' },
  step: { zh: '步骤', en: 'Step' },
  case_number: { zh: '售后编号', en: 'Case' },
  state_hours: { zh: '停留时长', en: 'In this state' },
  first_contact_rate: { zh: '首次解决率', en: 'First-contact resolution' },
  contacted_again: { zh: '再次联系', en: 'Contacted again' },
  reopened: { zh: '7 天内重开', en: 'Reopened in 7 days' },
  notice_minutes: { zh: '通知区域经理（中位数）', en: 'Until manager told, median' },
  'unit.minutes': { zh: '分钟', en: 'min' },
} satisfies Record<string, Label>;

/** The panels about after-sales and technical support. */
export const afterSalesPanelWords = {
  'aftersales-notice': panel(
    { zh: '通知区域经理', en: 'Regional manager told' },
    {
      zh: '期间内收到的售后报告：收到至告知区域经理的工作时间，目标 30 分钟。达标率 = 30 分钟内 ÷（已通知 + 未通知而已超时）。n 为已通知数。',
      en: 'Reports received in the period: business time until the regional manager was told; target 30 minutes. Share: within 30 minutes ÷ (told + not told and past the limit). n counts those told.',
    },
  ),
  'aftersales-decision': panel(
    { zh: '技术部决定', en: 'Decision' },
    {
      zh: '期间内收到的售后事项：由技术部决定者 ÷ 已决定，须为 100%；收到至决定的工作时间，中位数与第 90 百分位。n 为已决定数。',
      en: 'Cases received in the period: decided by the technical department ÷ decided, must be 100%; business time from receipt to decision, median and 90th percentile. n counts those decided.',
    },
  ),
  'aftersales-closure': panel(
    { zh: '办结时长', en: 'Closure' },
    {
      zh: '期间内收到的售后事项：收到至办结的工作时间，中位数与第 90 百分位；收到至处理完毕另列。n 为已办结数。',
      en: 'Cases received in the period: business time from receipt until closed, median and 90th percentile; until serviced stands beside. n counts those closed.',
    },
  ),
  'aftersales-photographs': panel(
    { zh: '经销商照片', en: 'Photographs' },
    {
      zh: '此刻等待照片的事项及最长等待（日历小时）；期间内收到的事项从要求到收到照片的中位数。n 为已收到照片数。',
      en: 'Cases awaiting photographs now, and the longest wait (clock hours); median from asking to receiving, of cases received in the period. n counts those that came.',
    },
  ),
  'aftersales-shares': panel(
    { zh: '通知与决定', en: 'Told in time, decided by technical' },
    {
      zh: '期间各月收到的售后事项：30 分钟内通知 ÷（已通知 + 超时未通知）；技术部决定 ÷ 已决定，须为 100%。n 为事项数。',
      en: 'Cases received in the months of the period: told within 30 business minutes ÷ (told + overdue); decided by the technical department ÷ decided, must be 100%. n counts cases.',
    },
  ),
  'aftersales-by-month': panel(
    { zh: '各月售后事项', en: 'After-sales cases by month' },
    {
      zh: '按收到月份：事项数、逾时通知（含超时未通知）、已办结。n 为事项数。',
      en: 'By month of receipt: cases, those whose manager was told late or is overdue, those closed by now. n counts cases.',
    },
  ),
  'aftersales-clocks': panel(
    { zh: '各步骤时限', en: 'Clocks by step' },
    {
      zh: '期间内各步骤按时 ÷（按时 + 超时）；未办而已超时者即计为超时。售后与技术支持分列。n 为时限数。',
      en: 'Of each step: in time ÷ (in time + breached) in the period; what is not done and past its limit is a breach at once. n counts clocks.',
    },
  ),
  'aftersales-open-by-state': panel(
    { zh: '未办结（当前，按状态）', en: 'Open now, by state' },
    {
      zh: '此刻未办结的售后事项，按所处状态。n 为事项数。',
      en: 'After-sales cases not closed at this moment, by the state they stand in. n counts cases.',
    },
  ),
  'aftersales-open': panel(
    { zh: '未办结售后事项（当前）', en: 'Open cases (now)' },
    {
      zh: '此刻未办结的售后事项，时间长者在前，最多 100 件；停留时长为处于当前状态的日历小时。n 为件数。',
      en: 'Cases not closed at this moment, the oldest first, 100 at most, with the clock hours they have stood in their state. n counts cases.',
    },
  ),
  'support-first-contact': panel(
    { zh: '技术支持首次解决', en: 'Support: first contact' },
    {
      zh: '期间内收到的技术支持：未再次联系且 7 天内未重开 ÷ 已办结。n 为已办结数。',
      en: 'Questions received in the period: closed without a second contact and not opened again in seven days ÷ closed. n counts those closed.',
    },
  ),
  'support-times': panel(
    { zh: '技术支持时长', en: 'Support: times' },
    {
      zh: '期间内收到的技术支持：收到至答复（以最后一次为准）的工作时间，中位数与第 90 百分位；通知区域经理的中位数。n 为已办结数。',
      en: 'Questions received in the period: business time from receipt to the answer that settled it, median and 90th percentile; median until the regional manager was told. n counts those closed.',
    },
  ),
  'support-by-state': panel(
    { zh: '技术支持（按状态）', en: 'Technical support by state' },
    {
      zh: '期间各月开始的技术支持，按当前状态。n 为件数。',
      en: 'Questions that came in the months of the period, by the state they are in now. n counts them.',
    },
  ),
};
