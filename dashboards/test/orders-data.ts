/** Orders, prices, goods, production: a small data set whose figures were worked out by hand, with the vectors 8 and 9 of the KPI catalogue. */
import type { TestEvent } from './engine.js';

export const id = (n: number): string => `00000000-0000-4000-9000-${String(n).padStart(12, '0')}`;

/** Orders are in `east`, the vectors about money in the others. */
export const regions = { east: id(1), countBack: id(2), effectiveness: id(3), credited: id(4) };
export const salesperson = id(50);
export const [tile, stone] = [id(900), id(901)];

export const event = (
  type: string,
  subject: string,
  day: string,
  data: Record<string, unknown>,
  { to, region, time = '04:00' }: { to?: string; region?: string; time?: string } = {},
): TestEvent => ({
  type: `fenxiao.${type}.v1`,
  subject,
  time: `${day}T${time}:00.000Z`,
  data: {
    meta: {
      actor: salesperson,
      role: 'order-clerk',
      rule: 'O-01',
      ...(region ? { region } : {}),
      ...(to ? { move: { procedure: type.split('.')[1], name: 'move', to } } : {}),
    },
    ...data,
  },
});

const people: TestEvent[] = [
  ...Object.entries(regions).map(([name, one]) =>
    event('distributors.region.created', one, '2020-01-01', { code: name, name, validFrom: '2020-01-01' }),
  ),
  ...Object.values(regions).map((regionId, n) =>
    event('distributors.distributor.created', id(100 + n), '2020-01-02', {
      code: `D${n}`,
      name: `Distributor ${n}`,
      licence: 'L',
      partnerType: 'distributor',
      segment: 'retail-shop',
      class: 'A',
      regionId,
      terms: 'credit',
      paymentDays: 30,
    }),
  ),
  event('appraisals.person.registered', salesperson, '2020-01-01', {
    staffNumber: 'S7',
    category: 'business',
    kind: 'sales',
    employment: 'regular',
  }),
  ...[
    [tile, 'T', 'tiles'],
    [stone, 'S', 'stone'],
  ].map(([product, code, family]) =>
    event('orders.product.created', product!, '2020-01-01', {
      code,
      name: code,
      specification: 's',
      grade: 'A',
      colourNumber: '1',
      family,
      unit: 'm²',
      ...(product === stone ? { launchedOn: '2026-03-01' } : {}),
    }),
  ),
];

export const customer = (n: number) => ({
  distributorId: id(100 + n),
  distributorCode: `D${n}`,
  regionId: Object.values(regions)[n]!,
});
export const line = (n: number, quantity: number, product = tile, net = '100.00') => ({
  line: n,
  orderLine: n,
  productId: product,
  productCode: product === tile ? 'T' : 'S',
  family: product === tile ? 'tiles' : 'stone',
  quantity: quantity.toFixed(3),
  listPrice: '1.0000',
  unitPrice: '1.0000',
  discount: '0',
  gift: false,
  net,
  tax: '0.00',
  gross: net,
});
type Line = ReturnType<typeof line>;
const total = (lines: Line[]) => lines.reduce((sum, { net }) => sum + Number(net), 0).toFixed(2);
export const head = (n: number, lines: Line[]) => ({
  number: 'N',
  ...customer(n),
  segment: 'retail-shop',
  channel: 'direct',
  salespersonId: salesperson,
  currency: 'CNY',
  net: total(lines),
  tax: '0.00',
  gross: total(lines),
  lines,
});
const order = (fact: string, subject: string, day: string, to: string, lines: Line[], more = {}) =>
  event(
    `orders.order.${fact}`,
    subject,
    day,
    { ...head(0, lines), orderedOn: '2026-04-01', ...more },
    { to, region: regions.east },
  );
const dispatched = (subject: string, orderId: string, day: string, lines: Line[], more = {}) =>
  event(
    'orders.shipment.dispatched',
    subject,
    day,
    { ...head(0, lines), orderId, orderNumber: 'N', shippedOn: day, ...more },
    { to: 'shipped' },
  );

const dropped = {
  shippedNet: '60.00',
  lines: [{ ...line(1, 10), dropped: '4.000', droppedNet: '40.00', droppedTax: '0.00', droppedGross: '40.00' }],
};

/** Vector 9: ten orders due, 8 delivered by the promise, 7 in full, 6 both. One of the 7 had its promise moved. */
const delivered = Array.from({ length: 10 }, (_, i): TestEvent[] => {
  const [onTime, full] = [i < 8, i < 6 || i === 8];
  const subject = id(1000 + i);
  const lines = [line(1, 10)];
  return [
    order('submitted', subject, '2026-04-01', 'submitted', lines, { promisedOn: '2026-04-10' }),
    order('confirmed', subject, '2026-04-01', 'confirmed', lines, { promisedOn: '2026-04-10', straightThrough: i < 5 }),
    ...(i >= 5
      ? [order('held', subject, '2026-04-01', 'on-hold', lines, { hold: i === 5 ? 'credit' : 'price', detail: '' })]
      : []),
    ...(i === 0
      ? [
          order('promise-changed', subject, '2026-04-05', 'confirmed', lines, {
            from: '2026-04-10',
            to: '2026-04-14',
            firstPromisedOn: '2026-04-10',
            lines: undefined,
          }),
        ]
      : []),
    ...(full ? [] : [order('closed-short', subject, '2026-04-08', 'shipped', lines, dropped)]),
    order('delivered', subject, onTime ? '2026-04-09' : '2026-04-20', 'delivered', lines, {
      onTime,
      onFirstPromise: onTime && i !== 0,
      shipmentId: id(1),
    }),
  ];
}).flat();

/** Vector 8: five lines, 2,130 units ordered, 1,885 shipped at first, and the rest later. It is back-ordered in three lines. */
const ordered = [100, 450, 230, 1000, 350];
const first = [75, 450, 210, 800, 350];
const fill: TestEvent[] = [
  ...['submitted', 'backordered'].map((fact) =>
    order(
      fact,
      id(1100),
      '2026-05-02',
      fact,
      fact === 'submitted'
        ? ordered.map((quantity, i) => ({ ...line(i + 1, quantity), productId: id(910 + i) }))
        : [line(1, 25), line(3, 20), line(4, 200)],
      { orderedOn: '2026-05-02', ...(fact === 'submitted' ? {} : { number: 'N-FILL' }) },
    ),
  ),
  dispatched(
    id(1200),
    id(1100),
    '2026-05-03',
    first.map((quantity, i) => ({ ...line(i + 1, quantity), productId: id(910 + i) })),
    { freight: '25.00' },
  ),
  dispatched(id(1201), id(1100), '2026-05-09', [{ ...line(1, 25), productId: id(910) }]),
  event(
    'orders.shipment.received',
    id(1200),
    '2026-05-05',
    {
      number: 'N',
      orderId: id(1100),
      ...customer(0),
      currency: 'CNY',
      deliveredOn: '2026-05-05',
      damage: 'one box',
      onTime: true,
    },
    { to: 'signed' },
  ),
];

/** An exception of 60 hours on two lines, 20.00 below 200.00 of list; another rejected; a third void; one violation. */
const exception = (subject: string, facts: string[], orderId: string) =>
  facts.map((fact, i) =>
    event(
      `orders.price-exception.${fact}`,
      subject,
      i ? '2026-04-04' : '2026-04-02',
      {
        orderId,
        orderNumber: 'N',
        approver: 'sales-manager',
        deviation: '-10',
        marginGivenAway: '20.00',
        currency: 'CNY',
        lines: [tile, stone].map((productId, n) => ({
          line: n + 1,
          productId,
          quantity: '10.000',
          listPrice: '10.0000',
          unitPrice: '10.0000',
          deviation: '-10',
        })),
      },
      { to: fact, region: regions.east, time: i ? '16:00' : '04:00' },
    ),
  );
const prices: TestEvent[] = [
  ...exception(id(5001), ['requested', 'approved', 'used'], id(1006)),
  ...exception(id(5002), ['requested', 'rejected'], id(1007)),
  ...exception(id(5003), ['requested', 'voided'], id(1008)),
  event(
    'orders.price-violation.detected',
    id(5101),
    '2026-04-09',
    { orderId: id(1006), shipmentId: id(1), productId: tile, salespersonId: salesperson, deviation: '-3' },
    { region: regions.east },
  ),
];

const stock = (subject: string, fact: string, product: string, onHand: string, reserved: string) =>
  event(`orders.stock.${fact}`, subject, '2026-05-01', {
    productId: tile,
    productCode: product,
    warehouse: 'W1',
    batch: 'B1',
    quantity: '1.000',
    onHand,
    reserved,
  });
const goods: TestEvent[] = [
  stock(id(6001), 'received', 'T', '100.000', '0.000'),
  stock(id(6001), 'reserved', 'T', '100.000', '40.000'),
  stock(id(6002), 'received', 'S', '5.000', '0.000'),
  ...(['pass', 'hold', 'fail', 'pass'] as const).map((verdict, i) =>
    event(
      'orders.inspection.recorded',
      id(6100 + i),
      '2026-05-02',
      { number: `Q${i}`, verdict, first: i < 3, inspected: '100.000', defective: '1.000' },
      { to: 'passed' },
    ),
  ),
  ...['registered', 'held'].map((fact) =>
    event(
      `orders.batch.${fact}`,
      id(6200),
      '2026-05-02',
      { productCode: 'T', batch: 'B1' },
      { to: fact === 'held' ? 'held' : 'free' },
    ),
  ),
  ...['requested', 'received'].map((fact) =>
    event(
      `orders.return.${fact}`,
      id(6300),
      '2026-05-20',
      { number: 'RT', ...customer(0), shippedOn: '2026-05-03', lines: [{ line: 1, quantity: '19.000' }] },
      { to: fact, region: regions.east },
    ),
  ),
  event(
    'orders.stocktake.counted',
    id(6400),
    '2026-05-28',
    {
      number: 'PD-1',
      warehouse: 'SHOP',
      items: 40,
      equal: 38,
      bookValue: '10000.00',
      shrinkage: '150.00',
      countedOn: '2026-05-28',
    },
    { to: 'variance-review' },
  ),
];

/** One request in stock by its second date, four days after the first; one declined; one under way. */
const request = (n: number, facts: [fact: string, day: string, to: string, more?: object][]) =>
  facts.map(([fact, day, to, more]) =>
    event(
      `orders.production-request.${fact}`,
      id(7000 + n),
      day,
      {
        number: `PR${n}`,
        orderId: id(1),
        orderNumber: 'N',
        ...customer(0),
        productCode: 'T',
        family: 'tiles',
        quantity: '10.000',
        needDate: '2026-05-20',
        shortageAt: '2026-04-30T02:00:00.000Z',
        ...more,
      },
      { to, region: regions.east },
    ),
  );
const scheduled = { scheduledOn: '2026-05-14', firstScheduledOn: '2026-05-10' };
const production: TestEvent[] = [
  ...request(1, [
    ['requested', '2026-04-30', 'requested'],
    ['acknowledged', '2026-05-01', 'acknowledged'],
    ['scheduled', '2026-05-01', 'scheduled', { scheduledOn: '2026-05-10', firstScheduledOn: '2026-05-10' }],
    ['rescheduled', '2026-05-06', 'scheduled', scheduled],
    ['finished', '2026-05-14', 'finished', { ...scheduled, onTime: true }],
    [
      'received-into-stock',
      '2026-05-14',
      'received-into-stock',
      { ...scheduled, onTime: true, receivedOn: '2026-05-14' },
    ],
  ]),
  ...request(2, [
    ['requested', '2026-05-02', 'requested'],
    ['declined', '2026-05-02', 'declined'],
  ]),
  ...request(3, [['requested', '2026-05-03', 'requested']]),
  event(
    'orders.production-plan.issued',
    id(7100),
    '2026-05-01',
    {
      form: {
        validFrom: '2026-05-01',
        validTo: '2026-05-31',
        lines: [
          { requestNumber: 'PR1', quantity: '10.000', plannedOn: '2026-05-14' },
          { requestNumber: 'PR3', quantity: '1.000', plannedOn: '2026-05-20' },
        ],
      },
    },
    { to: 'issued' },
  ),
  ...(['accepted', 'rejected'] as const).flatMap((end, i) =>
    (
      [
        ['sample-received', '2026-05-01'],
        ['finished', i ? '2026-05-13' : '2026-05-11'],
        [end, '2026-05-20'],
      ] as const
    ).map(([fact, day]) =>
      event(
        `orders.trial.${fact}`,
        id(7200 + i),
        day,
        {
          form: {
            distributorCode: 'D0',
            name: 'New',
            colourNumber: '7',
            family: 'tiles',
            quantity: '500.000',
            needDate: '2026-06-30',
          },
        },
        {
          to: fact === end ? `customer-${end}` : fact === 'finished' ? 'trial-done' : 'sample-received',
          region: regions.east,
        },
      ),
    ),
  ),
  ...[0, 1].flatMap((n) =>
    ['issued', ...(n ? [] : ['converted'])].map((fact) =>
      event(
        `orders.sample.${fact}`,
        id(7300 + n),
        '2026-05-04',
        {
          number: `S${n}`,
          ...customer(0),
          productCode: 'T',
          returnNeeded: true,
          returnOn: '2026-05-30',
          issuedOn: '2026-05-04',
          listValue: '12.00',
          currency: 'CNY',
        },
        { to: 'issued', region: regions.east },
      ),
    ),
  ),
  event('orders.idea.registered', id(7400), '2026-04-02', { title: 'x' }, { to: 'idea' }),
  event('orders.idea.launched', id(7400), '2026-04-12', { title: 'x' }, { to: 'launched' }),
];

export const orderEvents: TestEvent[] = [...people, ...delivered, ...fill, ...prices, ...goods, ...production];
