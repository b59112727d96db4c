import { label } from '@fenxiao/domain/dictionary';
import type { Label, Language } from '@fenxiao/domain/dictionary';

/** What the dashboards say beyond the dictionary of the field. Keys in snake case are columns of queries. */
const own = {
  // dashboards
  'sales.title': { zh: '销售概览', en: 'Sales overview' },
  'sales.description': {
    zh: '净销售额、订单、价格例外与订单进度；区域可逐级下钻。',
    en: 'Net sales, orders, price exceptions and the order pipeline; regions drill down.',
  },
  'market.title': { zh: '市场份额', en: 'Market share' },
  'market.description': {
    zh: '按金额与数量的市场份额、相对份额及变化；低可信度估计以虚线绘制。',
    en: 'Share by value and volume, relative share and change; estimates of low confidence are dashed.',
  },
  'loadtests.title': { zh: '负载测试', en: 'Load tests' },
  'loadtests.description': {
    zh: '每次负载测试的响应时间、吞吐与失败，以及未达标的阈值。',
    en: 'Response times, throughput and failures of every load test, and the thresholds that did not hold.',
  },
  'tag.operations': { zh: '运维', en: 'operations' },
  'tag.sales': { zh: '销售', en: 'sales' },
  'tag.market': { zh: '市场', en: 'market' },

  // variables and their values
  salesperson: { zh: '销售人员', en: 'Salesperson' },
  datasource: { zh: '数据源', en: 'Data source' },
  basis: { zh: '入账口径', en: 'Booking basis' },
  'basis.order': { zh: '订单', en: 'Order' },
  'basis.ship': { zh: '发货', en: 'Shipment' },
  'basis.invoice': { zh: '开票', en: 'Invoice' },
  'basis.receipt': { zh: '回款', en: 'Receipt' },
  other: { zh: '其他', en: 'Other' },
  unknown: { zh: '未知', en: 'Unknown' },
  us: { zh: '本公司', en: 'We' },

  // columns
  time: { zh: '时间', en: 'Time' },
  month: { zh: '月份', en: 'Month' },
  n: { zh: '样本数', en: 'n' },
  net_sales: { zh: '净销售额', en: 'Net sales' },
  net_sales_last_year: { zh: '去年同期', en: 'Same period last year' },
  change_previous: { zh: '较上期', en: 'vs previous period' },
  change_last_year: { zh: '较去年同期', en: 'vs last year' },
  change_points: { zh: '份额变化', en: 'Change of share' },
  orders: { zh: '订单数', en: 'Orders' },
  average_order: { zh: '平均订单额', en: 'Average order value' },
  region: { zh: '区域', en: 'Region' },
  family: { zh: '产品系列', en: 'Product family' },
  distributor: { zh: '经销商', en: 'Distributor' },
  share_of_sales: { zh: '销售占比', en: 'Share of sales' },
  state: { zh: '状态', en: 'State' },
  exceptions: { zh: '特价申请', en: 'Price exceptions' },
  exception_rate: { zh: '例外率', en: 'Exception rate' },
  given_away: { zh: '让利金额', en: 'Margin given away' },
  approved: { zh: '已批准', en: 'Approved' },
  last_event: { zh: '最近事件', en: 'Last event' },
  lag_seconds: { zh: '可见延迟', en: 'Lag until visible' },
  age_seconds: { zh: '距最近事件', en: 'Since last event' },
  dead_letters: { zh: '死信', en: 'Dead letters' },
  stage: { zh: '阶段', en: 'Stage' },
  'stage.placed': { zh: '已下达', en: 'Placed' },
  'stage.held': { zh: '曾冻结', en: 'Held' },
  'stage.confirmed': { zh: '已确认', en: 'Confirmed' },
  'stage.backordered': { zh: '曾缺货', en: 'Back-ordered' },
  'stage.delivered': { zh: '已送达', en: 'Delivered' },
  'stage.cancelled': { zh: '已取消', en: 'Cancelled' },
  topic: { zh: '主题', en: 'Topic' },
  vendor: { zh: '厂商', en: 'Vendor' },
  category: { zh: '品类', en: 'Category' },
  value_share: { zh: '金额份额', en: 'Value share' },
  volume_share: { zh: '数量份额', en: 'Volume share' },
  relative_share: { zh: '相对份额', en: 'Relative share' },
  largest_competitor: { zh: '最大竞争对手份额', en: 'Largest competitor' },
  market_value: { zh: '市场规模', en: 'Market size' },
  own_value: { zh: '本公司销售额', en: 'Our sales' },
  other_share: { zh: '其他厂商占比', en: 'Share of “other”' },
  region_id: { zh: '区域标识', en: 'Region ID' },
  confidence: { zh: '可信度', en: 'Confidence' },
  'confidence.low': { zh: '低', en: 'low' },
  'confidence.medium': { zh: '中', en: 'medium' },
  'confidence.high': { zh: '高', en: 'high' },
  scenario: { zh: '场景', en: 'Scenario' },
  operation: { zh: '操作', en: 'Operation' },
  begun: { zh: '开始时间', en: 'Begun' },
  release: { zh: '版本', en: 'Release' },
  seconds: { zh: '时长', en: 'Duration' },
  people: { zh: '最多并发人数', en: 'People at once' },
  rate: { zh: '每秒请求', en: 'Requests per second' },
  failed: { zh: '失败', en: 'Failed' },
  failure_rate: { zh: '失败率', en: 'Failure rate' },
  held_rate: { zh: '达标比例', en: 'Runs that held' },
  p50: { zh: '中位数', en: 'Median' },
  p95: { zh: '第 95 百分位', en: '95th percentile' },
  p99: { zh: '第 99 百分位', en: '99th percentile' },
  broken: { zh: '未达标的阈值', en: 'Thresholds that did not hold' },
  low: { zh: '低可信度', en: 'low confidence' },
  sources: { zh: '来源数', en: 'Sources' },
  days_old: { zh: '数据天数', en: 'Age in days' },

  // units and empty values
  'unit.points': { zh: '个百分点', en: 'pp' },
  'unit.seconds': { zh: '秒', en: 's' },
  'unit.milliseconds': { zh: '毫秒', en: 'ms' },
  'unit.perSecond': { zh: '次/秒', en: '/s' },
  'unit.times': { zh: '倍', en: '×' },
  'unit.days': { zh: '天', en: 'd' },
  notAvailable: { zh: '不适用', en: 'n/a' },
  definition: { zh: '指标', en: 'KPI' },
  version: { zh: '定义版本', en: 'definition version' },
  drillRegion: { zh: '查看下级区域', en: 'Open this region' },
  drillCategory: { zh: '只看此品类', en: 'Only this category' },
} satisfies Record<string, Label>;

export type Word = keyof typeof own;
export type Translate = (key: Word) => string;
/** A label of the field's dictionary: `confirmed` of the aggregate `order`. */
export type Term = (key: string, aggregate?: string) => string;

export const translate =
  (language: Language): Translate =>
  (key) =>
    own[key][language];

export const term =
  (language: Language): Term =>
  (key, aggregate) =>
    label(key, aggregate)[language];

export const isWord = (key: string): key is Word => Object.hasOwn(own, key);
