import type { Language } from '@fenxiao/domain/dictionary';

/** What the public page says, in both languages. */
const words = {
  brand: { zh: '分销 客户投诉', en: 'Fenxiao: complaints' },
  title: { zh: '提交投诉', en: 'Make a complaint' },
  intro: {
    zh: '投诉免费，无需账号。我们会在两个工作小时内确认受理，并告知处理结果。您也可以致电销售部或当面提出；对处理结果不满意，可要求公司办公室复核，或向消费者协会投诉。',
    en: 'Complaining is free and needs no account. We acknowledge it within two working hours and tell you what was decided. You may also call or visit the sales department; if you disagree with the outcome you can ask the company office to review it, or turn to a consumers’ association.',
  },
  otherLanguage: { zh: 'English', en: '中文' },
  followLink: { zh: '查询已提交的投诉', en: 'Follow a complaint' },
  fileLink: { zh: '提交新的投诉', en: 'Make a new complaint' },
  kind: { zh: '您要投诉什么？', en: 'What is it about?' },
  quality: { zh: '产品质量', en: 'The quality of goods' },
  service: { zh: '服务', en: 'Our service' },
  customer: { zh: '您的姓名或单位', en: 'Your name or company' },
  telephone: { zh: '联系电话', en: 'Telephone' },
  telephoneHint: { zh: '仅用于处理本投诉。', en: 'Used for this complaint only.' },
  goods: { zh: '产品（质量投诉须填写）', en: 'The goods (for complaints about quality)' },
  receipt: { zh: '票据号码', en: 'Receipt number' },
  receiptHint: { zh: '发票、出货单或订单上的号码。', en: 'On the invoice, the shipping order or the order.' },
  productName: { zh: '品名', en: 'Product' },
  specification: { zh: '规格', en: 'Size' },
  specificationHint: { zh: '例如 600×600。', en: 'Such as 600×600.' },
  quantity: { zh: '有问题的数量', en: 'Quantity with the fault' },
  grade: { zh: '等级', en: 'Grade' },
  colourNumber: { zh: '色号', en: 'Colour number' },
  printed: { zh: '印在包装箱上；不清楚可不填。', en: 'Printed on the box; leave empty if you do not know.' },
  purchasedOn: { zh: '购买日期', en: 'Date of purchase' },
  defect: { zh: '什么问题', en: 'What is wrong' },
  description: { zh: '详细情况', en: 'What happened' },
  wanted: { zh: '希望如何解决', en: 'What you would like' },
  choose: { zh: '请选择', en: 'Please choose' },
  noWish: { zh: '请公司建议', en: 'Please suggest' },
  replace: { zh: '换货', en: 'Replacement' },
  refund: { zh: '退款', en: 'Refund' },
  'price-reduction': { zh: '减价', en: 'Price reduction' },
  repair: { zh: '维修', en: 'Repair' },
  advice: { zh: '技术指导', en: 'Advice' },
  none: { zh: '无', en: 'None' },
  send: { zh: '提交', en: 'Send' },
  unknown: { zh: '不详', en: 'not known' },
  wrong: { zh: '请改正以下内容：', en: 'Please correct:' },
  needed: { zh: '必填', en: 'needed' },
  invalid: { zh: '填写有误', en: 'not right' },
  refused: {
    zh: '所填内容无法受理，请核对后重试，或致电销售部。',
    en: 'This can not be taken as it stands. Please check it, or call the sales department.',
  },
  filed: { zh: '已收到您的投诉', en: 'We have your complaint' },
  keep: {
    zh: '请保存编号与查询码。查询码只有您知道，遗失后无法补发。',
    en: 'Keep the number and the code. Only you know the code, and it can not be sent again.',
  },
  number: { zh: '编号', en: 'Number' },
  code: { zh: '查询码', en: 'Code' },
  followTitle: { zh: '查询投诉', en: 'Follow a complaint' },
  follow: { zh: '查询', en: 'Show' },
  notFound: { zh: '没有与此编号和查询码相符的投诉。', en: 'No complaint has this number and this code.' },
  tooMany: { zh: '请求过于频繁，请稍后再试。', en: 'Too many requests. Please try again later.' },
  status: { zh: '进度', en: 'Where it stands' },
  receivedAt: { zh: '受理时间', en: 'Received' },
  outcome: { zh: '处理结果', en: 'Outcome' },
  informedOn: { zh: '告知日期', en: 'You were told on' },
  received: { zh: '已收到，等待确认', en: 'Received, to be acknowledged' },
  investigating: { zh: '正在调查原因', en: 'The cause is being found' },
  deciding: { zh: '正在决定处理方案', en: 'A decision is being made' },
  resolving: { zh: '正在按决定处理', en: 'The decision is being carried out' },
  waiting: { zh: '等待您的答复', en: 'Waiting for your answer' },
  resolved: { zh: '已处理', en: 'Resolved' },
  closed: { zh: '已结案', en: 'Closed' },
  rejected: { zh: '投诉不成立', en: 'Not found justified' },
  rights: {
    zh: '如不同意，可要求公司办公室复核，或向消费者协会投诉。',
    en: 'If you disagree you can ask the company office to review it, or turn to a consumers’ association.',
  },
} as const satisfies Record<string, Record<Language, string>>;

/** What may be wrong with goods: counted by its Chinese name, as staff count it. */
export const defects: readonly Record<Language, string>[] = [
  { zh: '色差', en: 'Colour differs' },
  { zh: '破损', en: 'Broken' },
  { zh: '尺寸偏差', en: 'Wrong size' },
  { zh: '表面针孔', en: 'Pinholes' },
  { zh: '缺棱掉角', en: 'Chipped edges' },
  { zh: '空鼓', en: 'Loose after laying' },
  { zh: '错发', en: 'Not what was ordered' },
  { zh: '其他', en: 'Something else' },
];

export type PublicWord = keyof typeof words;
export type PublicWords = { readonly [W in PublicWord]: string } & { readonly language: Language };

export const publicWords = (language: Language): PublicWords =>
  ({
    language,
    ...Object.fromEntries(Object.entries(words).map(([word, text]) => [word, text[language]])),
  }) as PublicWords;
