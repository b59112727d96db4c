import type { Label } from './label.js';

/** O-43: in what products are packed and sold. */
export const packaging = {
  'packaging.change': { en: 'Change packaging', zh: '变更包装' },
  unitsPerPackage: { en: 'Base units per package', zh: '每包装数量' },
  wholePackagesOnly: { en: 'Sold in whole packages only', zh: '只按整包装销售' },
  packages: { en: 'Packages', zh: '包装数' },
  packagePrice: { en: 'Price per sales unit', zh: '每销售单位价格' },
  listPackagePrice: { en: 'List price per sales unit', zh: '每销售单位统一报价' },
} satisfies Record<string, Label>;
