import nzh from 'nzh/cn';
import type { Money } from './money.js';

/**
 * 人民币大写 as on Chinese accounting forms: `壹万零壹元整`, `伍佰元零壹分`, `负伍角整`, `零元整`.
 * 整 stands after 元 and 角 and never after 分 (会计基础工作规范 第五十二条; the People's Bank's 正确填写票据和
 * 结算凭证的基本规定 leaves it open after 角); 10 is 壹拾. The form prints 人民币 before it.
 */
export function amountInWords(amount: Money): string {
  // forceZheng: without it "12.00" and "1.50" lose their 整
  return nzh.toMoney(amount.toString(), { outSymbol: false, forceZheng: true });
}
