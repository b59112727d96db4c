import type { Label } from '@fenxiao/domain/dictionary';
import { afterSalesPanelWords } from './after-sales-words.js';
import { complaintPanelWords } from './complaint-words.js';
import { orderPanelWords } from './order-words.js';
import { positionPanelWords } from './position-words.js';
import { satisfactionPanelWords } from './satisfaction-words.js';

/** Title of each panel, and what it computes and leaves out, in words a reader can check. */
export const panelWords = {
  ...orderPanelWords,
  ...complaintPanelWords,
  ...afterSalesPanelWords,
  ...positionPanelWords,
  ...satisfactionPanelWords,
  'net-sales': {
    title: { zh: '净销售额', en: 'Net sales' },
    about: {
      zh: '所选入账口径下、期间内入账的各行不含税净额之和，取消的订单已冲回，退货在开具贷项之日冲减发货与开票（回款为含税收款额）。较上期：紧邻之前相同天数；较去年同期：去年相同日期。基期不大于零时不计算。n 为行数。',
      en: 'Sum of the lines’ net value without tax, booked in the period on the chosen basis; cancelled orders are taken back, returns lower shipments and invoices on the day of their credit note (receipts are amounts received, tax included). Previous period: as many days just before; last year: the same dates. Not computed on a base of zero or less. n counts lines.',
    },
  },
  orders: {
    title: { zh: '订单数', en: 'Orders' },
    about: {
      zh: '期间内下达的订单（按订货日期，不含草稿和已取消），与入账口径无关。n 为订单数。',
      en: 'Orders placed in the period, by order date, without drafts and cancelled ones, whatever the booking basis. n counts orders.',
    },
  },
  'average-order': {
    title: { zh: '平均订单额', en: 'Average order value' },
    about: {
      zh: '期间内下达订单的不含税净额之和 ÷ 订单数，均按订货日期，与入账口径无关。没有订单时不适用。n 为订单数。',
      en: 'Net value of the orders placed in the period ÷ their number, both by order date, whatever the booking basis. n/a without orders. n counts orders.',
    },
  },
  'exception-rate': {
    title: { zh: '价格例外', en: 'Price exceptions' },
    about: {
      zh: '例外率 = 期间内下达订单中需要特价审批的行数 ÷ 全部订单行数；因订单变更而作废的申请不计。让利金额 = 已批准或已使用申请的 Σ(报价 − 净价) × 数量。产品系列筛选不适用。n 为订单行数。',
      en: 'Rate: lines of orders placed in the period that needed approval ÷ all their lines; requests voided by a change of the order do not count. Margin given away: Σ (list − net) × quantity of approved or used requests. The family filter does not apply. n counts order lines.',
    },
  },
  'sales-by-month': {
    title: { zh: '月度净销售额', en: 'Net sales by month' },
    about: {
      zh: '按业务时区的自然月；首末月只含期间内的日期，去年同期取相同日期。n 为行数。',
      en: 'By calendar month of the business time zone; the first and last month hold only dates of the period, and last year the same dates. n counts lines.',
    },
  },
  'sales-by-family': {
    title: { zh: '产品系列构成', en: 'By product family' },
    about: {
      zh: '各产品系列的净销售额；第八名以后合并为“其他”。整单入账（无明细行）的金额列为“未知”。n 为行数。',
      en: 'Net sales of each product family; from the eighth on they are “other”. Amounts booked for a whole document, without lines, are “unknown”. n counts lines.',
    },
  },
  'sales-by-region': {
    title: { zh: '区域净销售额', en: 'Net sales by region' },
    about: {
      zh: '所选区域的下一级，各含其全部下级；点击可继续下钻。去年同期取相同日期。n 为行数。',
      en: 'The level below the chosen regions, each with all that lies in it; a click goes one level down. Last year: the same dates. n counts lines.',
    },
  },
  'top-distributors': {
    title: { zh: '经销商排名', en: 'Top distributors' },
    about: {
      zh: '期间内净销售额最高的 20 家经销商，占所选范围销售额的比例，及较去年同期的变化。n 为行数。',
      en: 'The 20 distributors with the highest net sales, their share of what is selected, and the change on the same dates last year. n counts lines.',
    },
  },
  'exceptions-by-month': {
    title: { zh: '各月价格例外', en: 'Price exceptions by month' },
    about: {
      zh: '按订货月份：例外率 = 需要审批的行数之和 ÷ 订单行数之和。因订单变更而作废的申请不计。产品系列筛选不适用。n 为订单行数。',
      en: 'By month of order: sum of the lines that needed approval ÷ sum of order lines. Requests voided by a change of the order do not count. The family filter does not apply. n counts order lines.',
    },
  },
  pipeline: {
    title: { zh: '在办订单（当前）', en: 'Orders in hand (now)' },
    about: {
      zh: '此刻尚未完成、取消的订单按状态计数，与时间范围无关。n 为订单数。',
      en: 'Orders neither completed nor cancelled at this moment, by state, whatever the time range. n counts orders.',
    },
  },
  stages: {
    title: { zh: '订单进度', en: 'Order stages' },
    about: {
      zh: '期间内下达的订单（按订货日期）到达各阶段的数量；一张订单可计入多个阶段。n 为订单数。',
      en: 'Orders placed in the period, by order date, that reached each stage; an order may count in several. n counts orders.',
    },
  },
  freshness: {
    title: { zh: '数据时效', en: 'Freshness of the data' },
    about: {
      zh: '各主题最近一条事件的发生时间、距今时长、从发生到可查询的延迟，以及期间内的死信（被搁置的消息）。n 为已接收的事件数。',
      en: 'For each topic: when its last event happened, how long ago that is, how long it took until it could be queried, and the dead letters (messages set aside) of the period. n counts the events taken in.',
    },
  },
  'value-share': {
    title: { zh: '市场份额（金额）', en: 'Market share by value' },
    about: {
      zh: '本公司销售额之和 ÷ 市场总额之和 × 100，“其他”厂商计入分母；金额与口径两侧一致。份额变化为与紧邻之前相同月数相比的百分点。未指定本公司时不适用。n 为观测数。',
      en: 'Sum of our value ÷ sum of the market’s × 100; “other” vendors are in the denominator; same months, regions and categories on both sides. The change is in percentage points against as many months just before. n/a until a vendor is chosen as us. n counts observations.',
    },
  },
  'volume-share': {
    title: { zh: '市场份额（数量）', en: 'Market share by volume' },
    about: {
      zh: '本公司数量之和 ÷ 市场数量之和 × 100，只计每家厂商数量都已知的月份、区域与品类。n 为这些观测数。',
      en: 'Sum of our units ÷ sum of the market’s × 100, over the months, regions and categories where every vendor’s volume is known. n counts those observations.',
    },
  },
  'relative-share': {
    title: { zh: '相对市场份额', en: 'Relative market share' },
    about: {
      zh: '本公司份额 ÷ 最大竞争对手份额；大于 1 即领先。“其他”不是一家厂商，不作为最大竞争对手。n 为观测数。',
      en: 'Our share ÷ that of the largest competitor; above 1 we lead. “Other” is not one firm and never the largest competitor. n counts observations.',
    },
  },
  'share-change': {
    title: { zh: '份额变化', en: 'Change of share' },
    about: {
      zh: '期间金额份额减去比较期金额份额，单位百分点：先与紧邻之前相同月数比，再与去年同月比。n 为观测数。',
      en: 'Value share of the period less that of the one compared with, in percentage points: as many months just before, then the same months last year. n counts observations.',
    },
  },
  'market-confidence': {
    title: { zh: '估计可信度', en: 'Confidence of the estimate' },
    about: {
      zh: '取三者之最低：观测自身标注（半数以上金额为低则低，半数以上为高则高）、来源数（至少两个为高，一个为中）、最近月份距期末（90 天内高，180 天内中）。n 为观测数。',
      en: 'The lowest of three: the observations’ own marks (low if at least half of the value is marked low, high if at least half is marked high), the number of sources (two or more: high, one: medium), and the age of the newest month at the end of the period (90 days: high, 180: medium). n counts observations.',
    },
  },
  'share-trend': {
    title: { zh: '各厂商份额走势', en: 'Share by vendor' },
    about: {
      zh: '按月金额份额：本公司与期间内最大的七家厂商，其余合并为“其他”。该月该厂商半数以上金额为低可信度时以虚线绘制。n 为观测数。',
      en: 'Value share by month: we and the seven largest vendors of the period; the rest is “other”. Dashed where at least half of a vendor’s value of the month is of low confidence. n counts observations.',
    },
  },
  'market-size': {
    title: { zh: '市场规模', en: 'Market size' },
    about: {
      zh: '按月全部厂商销售额之和，其中本公司部分。n 为观测数。',
      en: 'Value of all vendors by month, and our part of it. n counts observations.',
    },
  },
  'share-by-region': {
    title: { zh: '区域份额', en: 'Share by region' },
    about: {
      zh: '所选区域的下一级，各含其全部下级：金额份额与变化（百分点，与紧邻之前相同月数比），“其他”在分母中的占比。点击可继续下钻。n 为观测数。',
      en: 'The level below the chosen regions, each with all that lies in it: value share, its change (percentage points, against as many months just before), and the part of “other” in the denominator. A click goes one level down. n counts observations.',
    },
  },
  'share-by-category': {
    title: { zh: '品类份额', en: 'Share by category' },
    about: {
      zh: '各品类的金额份额，“其他”计入分母。n 为观测数。',
      en: 'Value share of each category, “other” in the denominator. n counts observations.',
    },
  },
  'market-parts': {
    title: { zh: '市场构成', en: 'The market by vendor' },
    about: {
      zh: '期间内各厂商销售额；前七名之外与未登记厂商合并为“其他”，它在分母中的占比即图中比例。n 为观测数。',
      en: 'Value of each vendor in the period; beyond the first seven, and where nobody registered the vendor, it is “other”, whose part of the denominator is what the chart shows. n counts observations.',
    },
  },
  'load-times': {
    title: { zh: '最近一次：响应时间', en: 'Latest run: response times' },
    about: {
      zh: '所选场景最近一次测试的全部请求的百分位，毫秒。n 为期间内测试次数。',
      en: 'Percentiles over all requests of the latest run of the chosen scenarios, in milliseconds. n counts runs in the period.',
    },
  },
  'load-rate': {
    title: { zh: '最近一次：吞吐', en: 'Latest run: throughput' },
    about: {
      zh: '请求总数 ÷ 测试时长，以及最多并发人数。n 为期间内测试次数。',
      en: 'Requests ÷ duration of the run, and how many people there were at most. n counts runs in the period.',
    },
  },
  'load-failures': {
    title: { zh: '最近一次：失败', en: 'Latest run: failures' },
    about: {
      zh: '失败请求 ÷ 全部请求；被业务规则拒绝（409、422）不算失败。n 为请求数。',
      en: 'Failed ÷ all requests; a refusal by a rule of the business (409, 422) is none. n counts requests.',
    },
  },
  'load-held': {
    title: { zh: '达标的测试', en: 'Runs that held' },
    about: {
      zh: '全部阈值达标的测试所占比例。n 为测试次数。',
      en: 'Part of the runs in which every threshold held. n counts runs.',
    },
  },
  'load-times-by-run': {
    title: { zh: '各次测试的响应时间', en: 'Response times by run' },
    about: {
      zh: '每次测试的第 95 百分位，每个场景一条线。n 为请求数。',
      en: '95th percentile of each run, one line a scenario. n counts requests.',
    },
  },
  'load-rate-by-run': {
    title: { zh: '各次测试的吞吐', en: 'Throughput by run' },
    about: {
      zh: '每次测试的每秒请求数，每个场景一条线。n 为请求数。',
      en: 'Requests per second of each run, one line a scenario. n counts requests.',
    },
  },
  'load-by-operation': {
    title: { zh: '最近一次：各操作', en: 'Latest run: by operation' },
    about: {
      zh: '最近一次测试中各操作的响应时间，最慢在前。n 为请求数。',
      en: 'Response times of each operation in the latest run, slowest first. n counts requests.',
    },
  },
  'load-runs': {
    title: { zh: '全部测试', en: 'All runs' },
    about: {
      zh: '期间内最近一百次测试及其未达标的阈值。n 为请求数。',
      en: 'The last hundred runs of the period, with the thresholds that did not hold. n counts requests.',
    },
  },
} satisfies Record<string, { title: Label; about: Label }>;

export type PanelName = keyof typeof panelWords;
