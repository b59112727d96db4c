import type { Label } from '@fenxiao/domain/dictionary';

const panel = (title: Label, about: Label) => ({ title, about });

/** The panels about complaints. */
export const complaintPanelWords = {
  'complaint-rate': panel(
    { zh: '每千单投诉', en: 'Complaints per 1,000 orders' },
    {
      zh: '期间内受理的投诉 ÷ 期间内发运的订单 × 1000，质量与服务分列；一案计一次，不按消息数。n 为发运订单数。',
      en: 'Complaints received in the period ÷ orders shipped in it × 1,000, quality and service apart; one per case, not per message. n counts orders shipped.',
    },
  ),
  'complaint-ppm': panel(
    { zh: '质量 ppm', en: 'Quality ppm' },
    {
      zh: '期间内受理、认定成立或部分成立的投诉数量 ÷ 期间发运数量 × 1,000,000。n 为成立的投诉数。',
      en: 'Units complained of and justified, in whole or in part, ÷ units shipped in the period × 1,000,000. n counts justified complaints.',
    },
  ),
  'complaint-verdicts': panel(
    { zh: '投诉成立率', en: 'Justified' },
    {
      zh: '（成立 + 部分成立）÷ 已定性的质量投诉；受理到处理决定或驳回的日历天数中位数；历史登记没有结论，不计。n 为已定性数。',
      en: 'Justified or partly ÷ decided, quality complaints of the period; median calendar days from receipt to the decision or rejection; history has no verdict and does not count. n counts those decided.',
    },
  ),
  'complaint-costs': panel(
    { zh: '投诉费用', en: 'Cost of complaints' },
    {
      zh: '期间内受理的质量投诉的处理费用（实际；未知时用预计）、占期间发货净额的比例、每千发货单位的费用。n 为有费用的投诉数。',
      en: 'What the remedies cost, as estimated until known, of quality complaints received in the period; ÷ net value shipped in it; per 1,000 units shipped. n counts complaints with a cost.',
    },
  ),
  'first-response': panel(
    { zh: '首次响应', en: 'First response' },
    {
      zh: '受理到首次人工答复的工作时间，中位数与第 90 百分位；自动确认不计；未回应者另列件数与最长时长。n 为已回应数。',
      en: 'Business time from receipt to the first answer by a human, median and 90th percentile; an automatic one does not count; those without stand beside, with the oldest. n counts those answered.',
    },
  ),
  resolution: panel(
    { zh: '处理时长', en: 'Resolution' },
    {
      zh: '受理到解决的工作时间，扣除等待客户的时间（平均等待另列）。n 为已解决数。',
      en: 'Business time from receipt until resolved, less what was spent waiting for the customer, whose mean stands beside. n counts those resolved.',
    },
  ),
  'complaint-clocks': panel(
    { zh: '时限达成', en: 'Clocks kept' },
    {
      zh: '投诉各流程在期间内按时停止的时限 ÷（按时 + 超时）；未办结而已超时者即计为超时。n 为时限数。',
      en: 'Clocks of the complaint procedures stopped in time ÷ (in time + breached) in the period; what is open and past its limit is a breach at once. n counts clocks.',
    },
  ),
  'complaints-again': panel(
    { zh: '重新处理与重复', en: 'Reopened and repeated' },
    {
      zh: '重新处理率 = 解决后 30 天内重新处理 ÷ 已解决；重复率 = 90 天内同产品同缺陷的成立投诉 ÷ 成立投诉。n 为已解决数。',
      en: 'Reopened within 30 days ÷ resolved; repeat: justified ones of the same product and defect within 90 days ÷ justified. n counts those resolved.',
    },
  ),
  'complaint-closing': panel(
    { zh: '结案质量', en: 'Closing' },
    {
      zh: '已告知客户（有日期与方式）÷ 已结案，须为 100%；回访评分 4 或 5 ÷ 全部答复。历史登记不计。n 为结案数。',
      en: 'Customers told, with date and way, ÷ closed: must be 100%; follow-up scores of 4 or 5 ÷ all answers. History does not count. n counts those closed.',
    },
  ),
  capa: panel(
    { zh: '纠正与预防措施', en: 'Corrective actions' },
    {
      zh: '期间内立项的 8D：按期完成的步骤 ÷ 已到期或已完成的步骤；验证有效 ÷ 已验证；在办件数。n 为立项数。',
      en: '8D cases opened in the period: steps done by their limit ÷ steps due or done; verified as effective ÷ verified; under way. n counts cases.',
    },
  ),
  'complaint-records': panel(
    { zh: '登记备档', en: 'Registration' },
    {
      zh: '期间内受理的质量投诉：品名、等级、色号、数量、缺陷齐备者的比例；有批号、客户在册者的比例。历史登记不计。n 为投诉数。',
      en: 'Quality complaints received in the period that name product, grade, colour number, quantity and defect; with a batch; of a customer on the books. History does not count. n counts complaints.',
    },
  ),
  'copies-filed': panel(
    { zh: '复印件按时留档', en: 'Copies filed on time' },
    {
      zh: '期间内送出的处理表复印件：一个工作日内由办公室收到 ÷ 已收到；质量与服务分列；逾期未收另计。n 为已收到数。',
      en: 'Copies of the forms sent in the period: received by the office within one business day ÷ received; quality and service apart; overdue ones stand beside. n counts those received.',
    },
  ),
  opinions: panel(
    { zh: '客户意见', en: 'Opinions and major events' },
    {
      zh: '期间内记录的客户意见：已答复 ÷ 全部，记录到答复的日历小时中位数；重大事件从提出到确认的分钟中位数及未确认数。n 为意见数。',
      en: 'Opinions recorded in the period: answered ÷ all, median clock hours to the answer; major events: median minutes until acknowledged, and those not yet. n counts opinions.',
    },
  ),
  penalties: panel(
    { zh: '处罚与申诉', en: 'Penalties and appeals' },
    {
      zh: '期间内生效的处罚：罚款次数与金额（含只计分者）；期间内提出者申诉成立 ÷ 已裁定的申诉。n 为处罚数。',
      en: 'Penalties that took effect in the period: fines, their amount (points included); of those proposed in it, appeals upheld ÷ appeals decided. n counts penalties.',
    },
  ),
  'complaints-by-month': panel(
    { zh: '各月投诉', en: 'Complaints by month' },
    {
      zh: '按受理月份：质量投诉、服务投诉与售后服务。n 为件数。',
      en: 'By month of receipt: quality, service, after-sales. n counts cases.',
    },
  ),
  'complaint-pareto': panel(
    { zh: '缺陷排列图', en: 'Defects, most frequent first' },
    {
      zh: '期间各月受理的质量投诉按缺陷计数，由多到少。n 为投诉数。',
      en: 'Quality complaints received in the months of the period, by what was wrong. n counts complaints.',
    },
  ),
  'complaints-by-defect': panel(
    { zh: '缺陷与办结', en: 'Defects and how fast they are closed' },
    {
      zh: '期间内受理的质量投诉：已结案数，受理到结案的日历小时中位数（含历史），累计占比。n 为投诉数。',
      en: 'Quality complaints received in the period: closed, median clock hours from receipt to close (history included), cumulative share. n counts complaints.',
    },
  ),
  'complaints-by-product': panel(
    { zh: '产品、等级、色号、批次', en: 'By product, grade, colour, batch' },
    {
      zh: '期间内受理的质量投诉及其中成立的，最多 50 行。n 为投诉数。',
      en: 'Quality complaints received in the period and those justified, 50 rows at most. n counts complaints.',
    },
  ),
  'complaints-open': panel(
    { zh: '在办投诉（当前）', en: 'Complaints in hand (now)' },
    {
      zh: '此刻未结案的投诉，情节重者、时间长者在前，最多 100 件。n 为件数。',
      en: 'Complaints not closed at this moment, the gravest and oldest first, 100 at most. n counts complaints.',
    },
  ),
  'complaint-procedures': panel(
    { zh: '投诉各流程', en: 'Procedures of complaints' },
    {
      zh: '期间内各流程的办理次数、按时停止时限的比例、被规则拒绝的次数。n 为全部记录数。',
      en: 'Moves of each procedure in the period, clocks stopped in time, refusals by a rule. n counts all records.',
    },
  ),
  'complaint-refusals': panel(
    { zh: '被拒绝的操作', en: 'Refused by a rule' },
    {
      zh: '期间内投诉服务中各条款拒绝的次数及最近一次。n 为次数。',
      en: 'How often each clause of the complaints service said no in the period, and when last. n counts refusals.',
    },
  ),
};
