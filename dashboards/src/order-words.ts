import type { Label } from '@fenxiao/domain/dictionary';

const panel = (title: Label, about: Label) => ({ title, about });

/** The panels about orders, prices, credit and production; the rest are in `panel-words`. */
export const orderPanelWords = {
  otif: panel(
    { zh: '按时足量交付', en: 'On time in full' },
    {
      zh: '期间内下达且已到期的订单（已送达，或承诺日期已过）中：按时足量 = 全部送达且不晚于现行承诺、没有短交结案；按首次承诺 = 按确认时的首次承诺计，改期不能掩盖延误。是每张订单同时满足，不是两个比率相乘。取消的订单不计。n 为到期订单数。',
      en: 'Of the orders placed in the period that are due (delivered, or promised for a day gone by): on time in full = all of it delivered by the promise as it stands, nothing left out for good; by first promise: as promised at confirmation, so that moving a promise hides no delay. Both conditions of one order, not one rate times the other. Cancelled orders do not count. n counts orders due.',
    },
  ),
  'straight-through': panel(
    { zh: '直通与取消', en: 'Straight through, cancelled' },
    {
      zh: '直通率 = 未经挂起即确认的订单 ÷ 已确认订单；取消率 = 已取消 ÷ 期间内下达的全部订单。草稿不计。n 为下达订单数。',
      en: 'Straight through: orders confirmed without a hold ÷ orders confirmed. Cancelled: ÷ all orders placed in the period. Drafts do not count. n counts orders placed.',
    },
  ),
  'backorder-rate': panel(
    { zh: '缺货与承诺推迟', en: 'Back-orders and promise slip' },
    {
      zh: '缺货行率 = 曾缺货的订单行 ÷ 全部订单行；承诺推迟 = Σ max(0, 现行承诺 − 首次承诺) ÷ 有承诺的订单，单位天。n 为订单行数。',
      en: 'Lines that were back-ordered ÷ all lines; slip: Σ max(0, promise as it stands − first promise) ÷ orders with a promise, in days. n counts order lines.',
    },
  ),
  'delivery-by-month': panel(
    { zh: '各月交付', en: 'Delivery by month' },
    {
      zh: '按订货月份，只计到期订单；口径同“按时足量交付”。n 为到期订单数。',
      en: 'By month of order, orders due only, computed as in “On time in full”. n counts orders due.',
    },
  ),
  holds: panel(
    { zh: '挂起原因', en: 'Orders held, by reason' },
    {
      zh: '期间内下达的订单中曾因各原因挂起的数量；一张订单可计入多项。n 为订单数。',
      en: 'Orders placed in the period that were held for each reason; one may count in several. n counts orders.',
    },
  ),
  'cycle-time': panel(
    { zh: '订单周期', en: 'Order cycle time' },
    {
      zh: '送达 − 提交，期间内下达且已送达的订单，单位日历天。历史订单没有时刻，不计。n 为订单数。',
      en: 'Delivered − submitted, of orders placed in the period and delivered, in calendar days. History has no times and does not count. n counts orders.',
    },
  ),
  'perfect-order': panel(
    { zh: '完美订单', en: 'Perfect orders' },
    {
      zh: '按时、足量、无破损且档案齐全的订单 ÷ 到期订单；四个条件须同时满足。历史订单没有单据，不计。n 为到期订单数。',
      en: 'Orders on time, in full, undamaged and with a complete file ÷ orders due; all four of one order. History has no papers and does not count. n counts orders due.',
    },
  ),
  shipping: panel(
    { zh: '发运', en: 'Shipping' },
    {
      zh: '期间内发运的出货单：按时到达 ÷ 已知是否按时者；破损 ÷ 已签收；运费 ÷ 货值净额；作废的出货单按开具日期计。n 为出货单数。',
      en: 'Shipping orders of the period: arrived by the promise ÷ those of which it is known; damaged ÷ received; freight ÷ net value; voided ones by the day they were issued. n counts shipping orders.',
    },
  ),
  'return-rate': panel(
    { zh: '退货率', en: 'Return rate' },
    {
      zh: '按发货批次：期间内发出、之后收到退回的数量 ÷ 期间内发出的数量。被拒收的申请若未收到货不计。n 为发货行数。',
      en: 'By ship cohort: units shipped in the period that came back ÷ units shipped in the period. A request whose goods never came does not count. n counts shipped lines.',
    },
  ),
  'fill-rates': panel(
    { zh: '首次满足率', en: 'Fill rates' },
    {
      zh: '按订货月份：首次发货发出的数量、行与订单 ÷ 订购的数量、行与订单；同一订单同一产品计为一行，尚未发货的订单不计。n 为行数。',
      en: 'By month of order: units, lines and orders that left complete with the first shipment ÷ those ordered. Lines of one product in an order count as one; orders of which nothing has left do not count. n counts lines.',
    },
  ),
  backorders: panel(
    { zh: '缺货订单（当前）', en: 'Back-orders (now)' },
    {
      zh: '此刻整单缺货的订单，缺货最久者在前，最多 50 张；与时间范围无关。n 为缺货行数。',
      en: 'Orders that wait for stock at this moment, longest first, 50 at most, whatever the time range. n counts lines that are short.',
    },
  ),
  'stock-by-family': panel(
    { zh: '库存（当前）', en: 'Stock by family (now)' },
    {
      zh: '此刻各产品系列的可用与已预留数量，含冻结批次；与时间范围和区域无关。n 为库存项数。',
      en: 'What is free and what is reserved at this moment, batches on hold included, whatever the time range and region. n counts stock items.',
    },
  ),
  stocktakes: panel(
    { zh: '盘点结果', en: 'Stocktakes' },
    {
      zh: '期间内盘点：准确率 = 相符的库存项 ÷ 全部项；盘亏率 = 盘亏金额 ÷ 账面金额。n 为库存项数。',
      en: 'Counts of the period: accuracy = items found equal ÷ items; shrinkage = value missing ÷ book value. n counts items.',
    },
  ),
  quality: panel(
    { zh: '批次质量', en: 'Quality of batches' },
    {
      zh: '期间内检验：一次合格率 = 首检合格 ÷ 首检批次；不良 ppm = 不良数 ÷ 受检数 × 1,000,000；冻结批次为此刻的数量。n 为检验次数。',
      en: 'Inspections of the period: first-pass yield = first inspections passed ÷ first inspections; ppm = defective ÷ inspected × 1,000,000; batches on hold: at this moment. n counts inspections.',
    },
  ),
  'returns-by-state': panel(
    { zh: '退换货进度', en: 'Returns by state' },
    {
      zh: '期间内提出的退换货按当前状态计数。n 为退货单数。',
      en: 'Returns asked for in the months of the period, by their present state. n counts returns.',
    },
  ),

  'procedures-at-work': panel(
    { zh: '各流程办理情况', en: 'Procedures at work' },
    {
      zh: '期间内订单服务各流程的办理次数、有时限步骤的按时率，以及被拒绝的次数。n 为记录数。',
      en: 'What was done in each procedure of the orders service in the period, how many of the moves under a clock were in time, and how many were refused. n counts entries.',
    },
  ),
  refusals: panel(
    { zh: '被条款拒绝', en: 'Refused, by rule' },
    {
      zh: '期间内被拒绝的办理按拒绝它的条款计数，含职责分离（O-26）。n 为次数。',
      en: 'Moves refused in the period, by the rule that refused, duties kept apart (O-26) included. n counts refusals.',
    },
  ),

  'price-deviation': panel(
    { zh: '例外行价格偏离', en: 'Deviation of exception lines' },
    {
      zh: 'Σ(净价 − 报价) × 数量 ÷ Σ 报价 × 数量，仅含需要审批的行（含被驳回者），按报价金额加权；负数表示低于报价。让利金额只计已批准的行。n 为行数。',
      en: 'Σ (net − list) × quantity ÷ Σ list × quantity over the lines that needed approval, rejected ones included: weighted by list value, negative is below list. Given away: approved lines only. n counts lines.',
    },
  ),
  'approval-time': panel(
    { zh: '审批时长', en: 'Time to decide' },
    {
      zh: '期间内提出的申请：决定 − 申请，单位小时（日历时间）；因订单变更作废者不计。n 为已决定的申请数。',
      en: 'Requests of the period: decided − requested, in hours by the clock on the wall; those made void by a change of the order do not count. n counts requests decided.',
    },
  ),
  'price-violations': panel(
    { zh: '私自降价', en: 'Price violations' },
    {
      zh: '期间内未经批准而低于授权价格发出的行，目标为零。n 为行数。',
      en: 'Lines shipped in the period below authority without an approval; the target is none. n counts lines.',
    },
  ),
  'held-for-price': panel(
    { zh: '各月因价格挂起', en: 'Held for price, by month' },
    {
      zh: '按订货月份：曾因价格挂起的订单 ÷ 下达订单。n 为订单数。',
      en: 'By month of order: orders that were held for their price ÷ orders placed. n counts orders.',
    },
  ),
  'exception-moves': panel(
    { zh: '各月申请与审批', en: 'Requests and decisions by month' },
    {
      zh: '特价申请、批准与驳回的次数，按发生月份。n 为步骤数。',
      en: 'Requests for a price, approvals and rejections, by the month they were made. n counts moves.',
    },
  ),
  'exceptions-by-outcome': panel(
    { zh: '申请结果', en: 'Requests by outcome' },
    {
      zh: '期间内提出的特价申请按当前状态计数。n 为申请数。',
      en: 'Requests of the period by their present state. n counts requests.',
    },
  ),
  'given-away-by-family': panel(
    { zh: '各系列让利', en: 'Given away by family' },
    {
      zh: 'Σ(报价 − 净价) × 数量，已批准或已使用的行。n 为行数。',
      en: 'Σ (list − net) × quantity of approved or used lines. n counts lines.',
    },
  ),
  'exceptions-by-approver': panel(
    { zh: '按审批角色', en: 'By approver' },
    {
      zh: '申请送达的最低有权角色；批准率 = 批准 ÷（批准 + 驳回）；时长为中位数。作废的申请不计。n 为申请数。',
      en: 'The lowest role whose band covers the request; approved ÷ (approved + rejected); the time is a median. Void requests do not count. n counts requests.',
    },
  ),
  'exceptions-by-salesperson': panel(
    { zh: '按销售人员', en: 'By salesperson' },
    {
      zh: '订单销售人员的例外行：加权偏离与已批准的让利。n 为行数。',
      en: 'Exception lines by the salesperson of the order: weighted deviation, and what was given away with approval. n counts lines.',
    },
  ),
  'exceptions-waiting': panel(
    { zh: '待审批（当前）', en: 'Waiting for a decision (now)' },
    {
      zh: '此刻未决定的申请，等待最久者在前，最多 50 件；与时间范围无关。n 为行数。',
      en: 'Requests undecided at this moment, longest first, 50 at most, whatever the time range. n counts lines.',
    },
  ),

  'price-cuts': panel(
    { zh: '短期削价', en: 'Short price cuts' },
    {
      zh: '期间内或其后有效（或申请有效）的削价及其当前状态。n 为削价数。',
      en: 'Cuts that hold, or were to hold, in the period or after it, and their present state. n counts cuts.',
    },
  ),

  'days-outstanding': panel(
    { zh: '应收账款周转天数', en: 'Days sales outstanding' },
    {
      zh: '期末应收为账期客户的未结发票（含税）。倒推法：由最近月份起逐月扣减赊销额，末月按比例；简单法 = 应收 ÷ 期间赊销额 × 天数；最佳 = 未到期应收同法；平均逾期天数为两者之差。贷项冲减赊销额。n 为未结发票数。',
      en: 'Receivables: open invoices on credit at the end of the period, gross. Count-back: credit sales taken off month by month from the latest, the last one in proportion; simple: receivables ÷ credit sales of the period × days; best possible: the same of what is not due; delinquent: the difference. Credit notes lower credit sales. n counts open invoices.',
    },
  ),
  collection: panel(
    { zh: '回款', en: 'Collection' },
    {
      zh: '回款率 = 期间内到期发票已收 ÷ 到期金额（扣除贷项）；收回旧账另列。CEI =（期初 + 赊销 − 期末）÷（期初 + 赊销 − 期末未到期）；坏账率 = 核销 ÷ 赊销。n 为期间内到期的发票数。',
      en: 'Collection: received on invoices due in the period ÷ what was due, less credit; old debt recovered stands apart. CEI: (opening + credit sales − closing) ÷ (opening + credit sales − closing not due). Bad debt: written off ÷ credit sales. n counts invoices due in the period.',
    },
  ),
  overdue: panel(
    { zh: '逾期', en: 'Overdue' },
    {
      zh: '期末逾期应收 ÷ 期末应收。n 为未结发票数。',
      en: 'Receivables past due at the end of the period ÷ all receivables. n counts open invoices.',
    },
  ),
  ageing: panel(
    { zh: '账龄', en: 'Ageing' },
    {
      zh: '期末应收按逾期天数分段。n 为发票数。',
      en: 'Receivables at the end of the period by days past due. n counts invoices.',
    },
  ),
  'receivables-by-month': panel(
    { zh: '各月应收与回款', en: 'Receivables by month' },
    {
      zh: '账期发票的赊销额（扣除贷项）、回款额与月末应收，均含税。n 为记录数。',
      en: 'Credit sales (less credit notes), receipts and what was owed at the end of the month; gross, invoices on credit. n counts entries.',
    },
  ),
  'dso-by-month': panel(
    { zh: '各月 DSO', en: 'DSO by month' },
    {
      zh: '月末应收 ÷ 当月赊销额 × 天数（简单法）；当月无赊销则不适用。n 为记录数。',
      en: 'Receivables at the end of the month ÷ its credit sales × its days (simple); n/a without credit sales. n counts entries.',
    },
  ),
  'overdue-customers': panel(
    { zh: '逾期客户', en: 'Overdue customers' },
    {
      zh: '期末逾期金额最高的 50 家客户。n 为逾期发票数。',
      en: 'The 50 customers with most overdue at the end of the period. n counts overdue invoices.',
    },
  ),
  'collection-tasks': panel(
    { zh: '催收任务', en: 'Collection tasks' },
    {
      zh: '此刻未结以及期间内产生并已结的任务；承诺兑现率 = 承诺从未落空的任务 ÷ 有承诺到期的任务。n 为任务数。',
      en: 'Tasks open at this moment, and those that began in the period and are done; promises kept: tasks none of whose promises was broken ÷ tasks with a promise that came due. n counts tasks.',
    },
  ),
  'credit-holds': panel(
    { zh: '信用挂起', en: 'Held for credit' },
    {
      zh: '期间内下达的订单中曾因信用挂起的比例与数量。n 为订单数。',
      en: 'Orders placed in the period that were held for credit. n counts orders.',
    },
  ),
  'reports-on-time': panel(
    { zh: '日报与月报', en: 'Daily and monthly reports' },
    {
      zh: '期间内签署的报表中按时签署的比例，全公司，与区域无关。n 为签署次数。',
      en: 'Of the reports signed in the period, those signed in time; of the whole company, whatever the region. n counts signatures.',
    },
  ),
  reconciliations: panel(
    { zh: '与财务对帐', en: 'Reconciliation with finance' },
    {
      zh: '期间内应于 25 日（或之前工作日）完成的对帐中按时关闭的比例；差异为最近一次比对的数量与绝对金额；全公司，与区域无关。n 为月数。',
      en: 'Of the reconciliations due in the period, on the 25th or the working day before, those closed in time; differences and their amount without signs as last compared; of the whole company, whatever the region. n counts months.',
    },
  ),
  'order-files': panel(
    { zh: '销售档案', en: 'Order files' },
    {
      zh: '期间内完成的订单中档案齐全的比例。n 为订单数。',
      en: 'Of the orders completed in the period, those whose file has all it should. n counts orders.',
    },
  ),

  'production-answers': panel(
    { zh: '生产答复', en: 'Production’s answer' },
    {
      zh: '期间内提出的排产申请：答复（确认、排产或拒绝）− 申请，及申请 − 缺货，均为中位数小时（日历时间）。n 为申请数。',
      en: 'Requests of the period: first answer (acknowledged, scheduled or declined) − request, and request − shortage; medians, in hours by the clock on the wall. n counts requests.',
    },
  ),
  'production-on-time': panel(
    { zh: '按时完成', en: 'Completed on time' },
    {
      zh: '期间内完工或应完工的排产：在首次排定日期前完工的比例、被推迟的比例，及平均推迟天数（现行 − 首次排定日期）。n 为排产单数。',
      en: 'Requests finished in the period, or due in it: finished by the day first scheduled; moved to a later day than the first; and by how many days on average. n counts requests.',
    },
  ),
  'plan-adherence': panel(
    { zh: '计划达成', en: 'Plan adherence' },
    {
      zh: '已下达计划中期间内应入库的行，按日入库的比例。n 为计划行数。',
      en: 'Lines of issued plans due in the period that were in stock by their day ÷ all such lines. n counts lines.',
    },
  ),
  'requests-by-month': panel(
    { zh: '各月排产申请', en: 'Production requests by month' },
    {
      zh: '按申请月份：申请数，其中已入库与被拒绝的。n 为申请数。',
      en: 'By month of request: how many, and of them in stock and declined. n counts requests.',
    },
  ),
  'requests-by-state': panel(
    { zh: '排产申请进度', en: 'Requests by state' },
    {
      zh: '期间内提出的排产申请按当前状态计数。n 为申请数。',
      en: 'Requests made in the months of the period, by their present state. n counts requests.',
    },
  ),
  'requests-open': panel(
    { zh: '在办排产（当前）', en: 'Requests in hand (now)' },
    {
      zh: '此刻未入库、未拒绝的排产申请，需货日期最早者在前，最多 100 件。n 为申请数。',
      en: 'Requests neither in stock nor declined at this moment, by the day the customer needs them, 100 at most. n counts requests.',
    },
  ),
  trials: panel(
    { zh: '试制', en: 'Trials' },
    {
      zh: '期间内提出的试制：成功率 = 客户接受 ÷（接受 + 拒绝）；周期 = 试制完成 − 收到样板，中位数日历天。n 为试制数。',
      en: 'Trials asked for in the period: accepted ÷ (accepted + rejected) by the customer; lead time: trial done − sample received, median, calendar days. n counts trials.',
    },
  ),
  samples: panel(
    { zh: '样板', en: 'Samples' },
    {
      zh: '期间内发放的样板：90 天内该客户订购该产品的比例；逾期未还的数量（当前）；每张成交订单的样板货值。n 为样板数。',
      en: 'Samples issued in the period: those whose customer ordered the product within 90 days; those not back though due (now); their list value per order won. n counts samples.',
    },
  ),
  ideas: panel(
    { zh: '新品与构想', en: 'New products and ideas' },
    {
      zh: '新品占比 = 上市未满 12 个月产品的发货净额 ÷ 全部发货净额；构想到上市为期间内登记者的中位数天数。n 为构想数。',
      en: 'New-product share: net value shipped of products in their first 12 months ÷ all that was shipped; idea to launch: median days of ideas registered in the period. n counts ideas.',
    },
  ),
  'trials-by-state': panel(
    { zh: '试制进度', en: 'Trials by state' },
    {
      zh: '期间内提出的试制按当前状态计数。n 为试制数。',
      en: 'Trials asked for in the months of the period, by their present state. n counts trials.',
    },
  ),
  'samples-by-state': panel(
    { zh: '样板去向', en: 'Samples by state' },
    {
      zh: '期间内发放的样板按当前状态计数。n 为样板数。',
      en: 'Samples issued in the months of the period, by their present state. n counts samples.',
    },
  ),
  'ideas-by-state': panel(
    { zh: '构想进度', en: 'Ideas by state' },
    {
      zh: '期间内登记的产品构想按当前状态计数。n 为构想数。',
      en: 'Ideas registered in the months of the period, by their present state. n counts ideas.',
    },
  ),
  'trials-open': panel(
    { zh: '在办试制（当前）', en: 'Trials in hand (now)' },
    {
      zh: '此刻未结束的试制，时间最长者在前，最多 100 件。n 为试制数。',
      en: 'Trials not ended at this moment, longest first, 100 at most. n counts trials.',
    },
  ),
};
