import type { Label } from './label.js';

/** O-50, O-25: invoices, payments, receivables. */
export const accounts = {
  // aggregates
  invoice: { en: 'Invoice', zh: '发票' },
  'credit-note': { en: 'Credit note', zh: '红字发票' },
  payment: { en: 'Payment', zh: '收款' },
  receivable: { en: 'Receivable', zh: '应收账款' },

  // states and moves
  outstanding: { en: 'Outstanding', zh: '未付款' },
  'partially-paid': { en: 'Partly paid', zh: '部分付款' },
  paid: { en: 'Paid', zh: '已付清' },
  matched: { en: 'Matched', zh: '已核销' },
  unmatched: { en: 'Not matched', zh: '未核销' },
  'written-off': { en: 'Written off', zh: '已坏账核销' },
  'invoice.issue': { en: 'Issue invoice', zh: '开具发票' },
  'invoice.credit': { en: 'Issue credit note', zh: '开具红字发票' },
  pay: { en: 'Pay', zh: '付款' },
  match: { en: 'Match to invoices', zh: '核销' },
  'write-off': { en: 'Write off', zh: '坏账核销' },

  // fields
  invoiceId: { en: 'Invoice', zh: '发票' },
  invoiceNumber: { en: 'Invoice number', zh: '发票号码' },
  invoiceDate: { en: 'Invoice date', zh: '开票日期' },
  creditNoteNumber: { en: 'Credit note number', zh: '红字发票号码' },
  paymentTerms: { en: 'Payment terms', zh: '账期' },
  termsInDays: { en: 'Payment terms in days', zh: '账期天数' },
  paymentId: { en: 'Payment', zh: '收款' },
  receivedOn: { en: 'Received on', zh: '收款日期' },
  paymentMethod: { en: 'Method of payment', zh: '付款方式' },
  bankReference: { en: 'Bank reference', zh: '银行流水号' },
  unapplied: { en: 'Unapplied amount', zh: '未核销金额' },
  receivableId: { en: 'Receivable', zh: '应收账款' },
  openAmount: { en: 'Open amount', zh: '未付金额' },
  daysOverdue: { en: 'Days overdue', zh: '逾期天数' },
  ageing: { en: 'Ageing', zh: '账龄' },
  settled: { en: 'Settled', zh: '已结清' },
  settle: { en: 'Settle', zh: '结清' },
  invoicedOn: { en: 'Invoiced on', zh: '开票日期' },
  matches: { en: 'Matches', zh: '核销明细' },
} satisfies Record<string, Label>;
