import type { ImportKind } from '@fenxiao/contracts/imports';
import { isTerm, label, type Label } from '@fenxiao/domain/dictionary';

/** How people head their columns and what they write in them, beside the field's own name and its word in the dictionary. */

/** What a file or a sheet of this kind may be called. */
export const kindWords: Readonly<Record<ImportKind, readonly string[]>> = {
  people: ['人员', '员工', 'employees', 'staff'],
  regions: ['区域', '地区'],
  positions: ['岗位', '任职'],
  distributors: ['经销商', '客户', 'customers'],
  products: ['产品', '商品'],
  prices: ['价格', '价目表', '统一报价', 'price list'],
  stock: ['库存', 'inventory'],
  orders: ['订单', '销售订单'],
  receipts: ['收款', '回款', 'payments'],
  complaints: ['投诉', '客户投诉', 'service requests', 'service_requests'],
  competitors: ['竞争对手', '竞品厂商', '厂商'],
  observations: ['市场观察', '市场数据', '市场份额', 'market data'],
};

const distributorCode = [
  '经销商编码',
  '经销商代码',
  '经销商编号',
  '客户编码',
  '客户代码',
  '客户编号',
  'customer code',
  'distributor',
];
const productCode = ['产品编码', '产品代码', '产品编号', '货号', 'product', 'sku'];
const regionCode = ['区域编码', '区域代码', '区域编号', '所属区域', '区域', 'region'];
const staffNumber = ['工号', '员工编号', '人员编号', '业务员工号', '销售人员工号', '业务员', '销售人员', 'salesperson'];
const code = ['编码', '代码', '编号'];
const validFrom = ['生效日期', '开始日期', 'effective from', 'valid from'];

const words: Readonly<Record<ImportKind, Readonly<Record<string, readonly string[]>>>> = {
  people: {
    staffNumber,
    name: ['姓名', 'full name'],
    subject: ['账号', '登录账号', 'account'],
    category: ['人员类别'],
    kind: ['人员种类', '工作性质'],
    employment: ['用工状态', '用工性质'],
    joinedOn: ['入职日期', '入职时间', 'hired on', 'hire date'],
    lastDay: ['离职日期', '离职时间', 'left on'],
  },
  regions: {
    code: [...code, ...regionCode],
    name: ['区域名称', '地区名称', 'region name'],
    parentCode: ['上级区域', '上级区域编码', '上级编码', '上级代码', 'parent'],
    validFrom,
    managerStaffNumber: ['责任经理', '责任经理工号', '负责人', '负责人工号', 'responsible manager'],
  },
  positions: {
    staffNumber,
    roles: ['角色', '岗位', 'role'],
    regionCode,
    unit: ['部门', 'department'],
    validFrom: [...validFrom, '任职日期'],
  },
  distributors: {
    code: [...code, ...distributorCode],
    name: ['经销商名称', '客户名称', '法定名称', 'distributor name', 'customer name', 'legal name'],
    licence: ['营业执照号', '统一社会信用代码', 'licence number'],
    regionCode,
    partnerType: ['合作类型', '客户类型'],
    segment: ['细分市场', '客户细分'],
    class: ['等级', '客户等级', '级别'],
    terms: ['结算方式', 'payment terms'],
    paymentDays: ['账期天数', '账期', 'payment terms in days'],
    state: ['状态'],
    creditLimit: ['信用额度', '授信额度'],
  },
  products: {
    code: [...code, ...productCode],
    name: ['品名', '产品名称', '商品名称', 'product name'],
    specification: ['规格'],
    grade: ['等级'],
    colourNumber: ['色号', 'color number', 'colour'],
    family: ['产品系列', '系列', 'product family'],
    unit: ['销售单位', '单位', 'sales unit'],
    packaging: ['包装'],
    launchedOn: ['上市日期', 'launched on'],
    taxRate: ['税率'],
    standardCost: ['标准成本', '成本'],
    costFrom: ['成本生效日期'],
    retired: ['停产', '已停产', '停用'],
  },
  prices: {
    listCode: ['价目表', '价目表编码', '价目表代码', 'price list'],
    validFrom,
    taxIncluded: ['含税', '是否含税'],
    productCode,
    price: ['价格', '统一报价', '单价', 'list price'],
  },
  stock: {
    productCode,
    warehouse: ['仓库'],
    batch: ['批次', '批号', 'batch number'],
    quantity: ['数量', '库存数量', '在库数量', 'on hand'],
    grade: ['等级'],
    receivedOn: ['入库日期', 'received on'],
  },
  orders: {
    number: ['订单号', '订单编号', 'order number', 'order'],
    distributorCode,
    orderedOn: ['订货日期', '下单日期', '订单日期', 'ordered on', 'order date'],
    promisedOn: ['承诺交货日期', '交货日期', '交期', 'promised date'],
    shippedOn: ['发货日期', '出货日期', 'shipped on', 'ship date'],
    deliveredOn: ['送达日期', '签收日期', 'delivered on'],
    staffNumber,
    channel: ['渠道'],
    segment: ['细分市场'],
    reference: ['客户订单号', '参考号'],
    freight: ['运费'],
    carrier: ['承运方', '承运商'],
    invoiceNumber: ['发票号码', '发票号', 'invoice'],
    invoicedOn: ['开票日期', 'invoice date'],
    dueOn: ['到期日', '付款到期日', 'due date'],
    net: ['订单金额', '不含税金额'],
  },
  receipts: {
    number: ['收款单号', '收款编号', '编号'],
    distributorCode,
    receivedOn: ['收款日期', '到账日期', 'received on'],
    amount: ['收款金额', '金额'],
    invoiceNumber: ['发票号码', '发票号', 'invoice'],
    reference: ['银行流水号', '流水号', 'bank reference'],
  },
  complaints: {
    number: ['投诉编号', '编号', 'unique key'],
    receivedAt: ['受理时间', '投诉时间', 'created date'],
    closedAt: ['结案时间', '办结时间', 'closed date'],
    regionCode,
    distributorCode,
    productCode,
    defect: ['投诉类型', '缺陷', '质量问题', 'complaint type'],
    description: ['投诉内容', '描述', 'descriptor'],
    severity: ['情节', '严重程度'],
    channel: ['投诉方式'],
    source: ['来源'],
  },
  competitors: {
    code: [...code, '厂商编码', '厂商代码'],
    name: ['厂商名称', '竞争对手', '名称'],
    us: ['本公司', '是否本公司'],
  },
  observations: {
    month: ['月份', '统计月份', '年月'],
    regionCode,
    category: ['品类', '类别'],
    vendor: ['厂商', '厂商名称', '品牌', '竞争对手', 'competitor', 'brand'],
    value: ['销售额', '金额', 'amount'],
    volume: ['销量', '数量'],
    source: ['来源', '数据来源'],
    confidence: ['可信度', '置信度'],
  },
};

const lineWords: Readonly<Record<string, readonly string[]>> = {
  productCode,
  quantity: ['数量'],
  unitPrice: ['单价', '价格', 'price'],
  discount: ['折扣', '折扣率'],
  gift: ['赠品', '是否赠品'],
  taxRate: ['税率'],
};

/** Headers by which a field is recognised, the likeliest first. `lines`: of the lines of an order. */
export function wordsOf(kind: ImportKind, field: string, lines = false): string[] {
  const own = (lines ? lineWords : words[kind])[field] ?? [];
  const { en, zh } = isTerm(field) ? label(field) : { en: field, zh: field };
  return [...new Set([field, ...own, zh, en].map(plainWord))];
}

/** A header or a file's name as it is compared: letters and digits only, in their ordinary width, lower case. */
export const plainWord = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[（(][^）)]*[）)]/g, '')
    .replace(/[^\p{L}\p{N}]/gu, '');

const choices: Readonly<Record<string, readonly string[]>> = {
  'engineering-project': ['工程项目', '工程'],
  'regional-distributor': ['区域经销商', '区域经销'],
  'retail-shop': ['零售店', '零售'],
  other: ['其他', '其它'],
  distributor: ['经销商'],
  agent: ['代理商', '代理'],
  retailer: ['零售商'],
  'travel-agency': ['旅行社'],
  credit: ['赊销', '账期', '月结'],
  prepaid: ['预付', '预付款', '现款'],
  active: ['有效', '正常', '启用'],
  trial: ['试用期', '试用'],
  suspended: ['暂停'],
  terminated: ['终止'],
  A: ['一级', 'A级'],
  B: ['二级', 'B级'],
  C: ['三级', 'C级'],
  direct: ['直接', '直销', '线下'],
  online: ['线上', '网络', '电商'],
  telephone: ['电话'],
  shop: ['门店', '专卖店'],
  low: ['低'],
  medium: ['中'],
  high: ['高'],
};

/** The option meant by a word in either language, if it is clear. */
export function optionOf(options: readonly string[], written: string): string | undefined {
  const word = plainWord(written);
  const labelOf = (option: string): Partial<Label> => (isTerm(option) ? label(option) : {});
  const fitting = options.filter((option) => {
    const { en = '', zh = '' } = labelOf(option);
    return [option, en, zh, ...(choices[option] ?? [])].some((name) => plainWord(name) === word);
  });
  return fitting.length === 1 ? fitting[0] : undefined;
}
