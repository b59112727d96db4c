/**
 * The market as the demonstration's maker in Chongqing sees it: areas 大区 and the provinces in them. Codes of provinces are
 * ISO 3166-2. Weights are rough guesses of the demand for tiles; nothing here is a statistic.
 */
export interface Province {
  readonly code: string;
  readonly name: string;
  /** part of the market, in per cent */
  readonly market: number;
  readonly cities: readonly string[];
}

export interface Area {
  readonly code: string;
  readonly name: string;
  /** our share of its market: strongest at home */
  readonly share: number;
  /** days on the road from the works */
  readonly transit: number;
  /** freight of one square metre, in fen */
  readonly freight: bigint;
  /** families that sell better or worse than elsewhere, by code */
  readonly taste: Readonly<Record<string, number>>;
  readonly provinces: readonly Province[];
}

const province = (code: string, name: string, market: number, ...cities: string[]): Province => ({
  code: `CN-${code}`,
  name,
  market,
  cities,
});

export const company = { code: 'CN', name: '全国' };

export const areas: readonly Area[] = [
  {
    code: 'EAST',
    name: '华东',
    share: 0.22,
    transit: 4,
    freight: 620n,
    taste: { DB: 1.5, MW: 1.2, CP: 0.9 },
    provinces: [
      province('SH', '上海', 3.4, '浦东', '闵行', '嘉定'),
      province('JS', '江苏', 8, '南京', '苏州', '无锡', '徐州', '南通'),
      province('ZJ', '浙江', 7, '杭州', '宁波', '温州', '金华'),
      province('AH', '安徽', 4.2, '合肥', '芜湖', '阜阳'),
      province('FJ', '福建', 3.6, '福州', '厦门', '泉州'),
      province('JX', '江西', 3.2, '南昌', '赣州', '九江'),
      province('SD', '山东', 7.4, '济南', '青岛', '临沂', '烟台'),
    ],
  },
  {
    code: 'SOUTH',
    name: '华南',
    share: 0.19,
    transit: 4,
    freight: 540n,
    taste: { PG: 1.2, MS: 1.4, FG: 0.8 },
    provinces: [
      province('GD', '广东', 10, '广州', '深圳', '东莞', '佛山', '湛江'),
      province('GX', '广西', 3.6, '南宁', '柳州', '桂林'),
    ],
  },
  {
    code: 'CENTRAL',
    name: '华中',
    share: 0.25,
    transit: 3,
    freight: 430n,
    taste: { CP: 1.1 },
    provinces: [
      province('HA', '河南', 6.6, '郑州', '洛阳', '南阳', '商丘'),
      province('HB', '湖北', 4.6, '武汉', '宜昌', '襄阳'),
      province('HN', '湖南', 4.8, '长沙', '衡阳', '常德'),
    ],
  },
  {
    code: 'NORTH',
    name: '华北',
    share: 0.19,
    transit: 5,
    freight: 690n,
    taste: { FG: 1.3, MW: 1.2, MS: 0.7 },
    provinces: [
      province('BJ', '北京', 2.8, '朝阳', '丰台', '通州'),
      province('HE', '河北', 5, '石家庄', '保定', '唐山'),
      province('SX', '山西', 2.5, '太原', '大同', '运城'),
      province('NM', '内蒙古', 1.6, '呼和浩特', '包头'),
    ],
  },
  {
    code: 'SOUTHWEST',
    name: '西南',
    share: 0.31,
    transit: 1,
    freight: 240n,
    taste: { CP: 1.2, DB: 0.8 },
    provinces: [
      province('CQ', '重庆', 3.4, '渝北', '九龙坡', '万州', '涪陵'),
      province('SC', '四川', 6.2, '成都', '绵阳', '南充', '宜宾'),
      province('GZ', '贵州', 2.6, '贵阳', '遵义', '毕节'),
      province('YN', '云南', 3.1, '昆明', '曲靖', '大理'),
    ],
  },
  {
    code: 'NORTHWEST',
    name: '西北',
    share: 0.23,
    transit: 4,
    freight: 560n,
    taste: { PG: 1.1, DB: 0.6, MS: 0.7 },
    provinces: [
      province('SN', '陕西', 2.9, '西安', '宝鸡', '榆林'),
      province('GS', '甘肃', 1.6, '兰州', '天水'),
      province('XJ', '新疆', 1.8, '乌鲁木齐', '喀什'),
    ],
  },
  {
    code: 'NORTHEAST',
    name: '东北',
    share: 0.18,
    transit: 6,
    freight: 780n,
    taste: { FG: 1.2, MW: 1.3, DB: 0.7 },
    provinces: [province('LN', '辽宁', 3, '沈阳', '大连', '鞍山'), province('HL', '黑龙江', 2, '哈尔滨', '大庆')],
  },
];

export const provinces = areas.flatMap((area) => area.provinces.map((province) => ({ ...province, area })));
export type PlacedProvince = (typeof provinces)[number];
