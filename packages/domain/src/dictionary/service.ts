import type { Label } from './label.js';

/** D-30 to D-36: telephone, reception, things left behind; P-20: promotions. */
export const service = {
  custody: { en: 'Item in custody', zh: '保管物品' },
  promotion: { en: 'Promotion', zh: '促销方案' },

  // states and moves
  'custody.held': { en: 'Held', zh: '保管中' },
  notified: { en: 'Owner notified', zh: '已通知' },
  disposed: { en: 'Disposed of', zh: '已处理' },
  'custody.hold': { en: 'Take into custody', zh: '收存' },
  notify: { en: 'Notify', zh: '通知' },
  dispose: { en: 'Dispose of', zh: '处理' },
  resubmit: { en: 'Submit again', zh: '重新提交' },
  'custody.returned': { en: 'Returned to owner', zh: '已归还' },
  'custody.return': { en: 'Return to owner', zh: '归还' },

  // fields
  item: { en: 'Item', zh: '物品' },
  place: { en: 'Place', zh: '地点' },
  itemOwner: { en: 'Owner of the item', zh: '物主' },
  receivedBy: { en: 'Received by', zh: '领取人' },
  text: { en: 'Text', zh: '正文' },
} satisfies Record<string, Label>;
