import { describe, expect, test } from 'vitest'
import { worstFirst } from '../src/api/alerts'
import { pauseAfter } from '../src/api/live'
import { withOrder } from '../src/api/liveData'
import type { Alert, CategoryMonth, CheckResult, CohortMonth, FraudScore, FunnelWindow, LiveOrder, StockAlert } from '../src/api/marts'
import { joined, named, unfiltered } from '../src/api/queries'
import { pathOf } from '../src/parts/Sparkline'
import { segmentsOf } from '../src/tabs/Customers'
import { cohortsOf } from '../src/tabs/customers/Cohorts'
import { byUrgency } from '../src/tabs/Operations'
import { choicesOf } from '../src/tabs/operations/Demand'
import { greatest } from '../src/tabs/overview/Breakdown'
import { gmvRows } from '../src/tabs/overview/Gmv'
import { byDepartment } from '../src/tabs/Products'
import { stepsOf } from '../src/tabs/products/Funnel'
import { bySeverity } from '../src/tabs/Quality'
import { queueOf } from '../src/tabs/Risk'

function order(order_id: number, ordered_at: string, status = 'paid'): LiveOrder {
  return { order_id, ordered_at, status } as LiveOrder
}

describe('the ticker', () => {
  const orders = [order(2, '2026-11-30T10:00:02Z'), order(1, '2026-11-30T10:00:01Z')]

  test('a new order comes first, a late one where it belongs', () => {
    expect(withOrder(orders, order(3, '2026-11-30T10:00:03Z')).map((one) => one.order_id)).toEqual([3, 2, 1])
    expect(withOrder(orders, order(0, '2026-11-30T10:00:01.500Z')).map((one) => one.order_id)).toEqual([2, 0, 1])
  })

  test('an order that moves on changes in place', () => {
    const changed = withOrder(orders, order(1, '2026-11-30T10:00:01Z', 'shipped'))
    expect(changed.map((one) => [one.order_id, one.status])).toEqual([
      [2, 'paid'],
      [1, 'shipped'],
    ])
  })

  test('it keeps the last hundred', () => {
    const many = Array.from({ length: 100 }, (_, index) => order(200 - index, `2026-11-30T09:00:00.${100 - index}Z`))
    const next = withOrder(many, order(201, '2026-11-30T10:00:00Z'))
    expect([next.length, next[0]?.order_id, next.at(-1)?.order_id]).toEqual([100, 201, 102])
  })

  test('it waits longer after each failed attempt, but not for ever', () => {
    expect([0, 1, 2, 50].map(pauseAfter)).toEqual([500, 1000, 2000, 15_000])
  })
})

describe('GMV by day', () => {
  const period = { from: '2026-11-28', to: '2026-11-30' }

  test('days without orders are there, and today is live', () => {
    const rows = gmvRows([{ day: '2026-11-28', gmv: '10.00' }], 'day', period, { day: '2026-11-30', gmv: '7.50' })
    expect(rows).toEqual([
      { day: '2026-11-28', gmv: '10.00' },
      { day: '2026-11-29', gmv: '0.00' },
      { day: '2026-11-30', gmv: '7.50' },
    ])
  })

  test('the live value is not added to a filtered one', () => {
    const rows = gmvRows([{ day: '2026-11-30', gmv: '3.00' }], 'day', period, null)
    expect(rows.at(-1)).toEqual({ day: '2026-11-30', gmv: '3.00' })
  })
})

test('the funnel adds its windows and shows what each step loses', () => {
  const windows = [
    { views: 60, carts: 10, purchases: 2 },
    { views: 40, carts: 10, purchases: 3 },
  ] as FunnelWindow[]
  expect(stepsOf(windows).map((step) => [step.count, step.reach, step.dropOff])).toEqual([
    [100, 1, null],
    [20, 0.2, 0.8],
    [5, 0.05, 0.75],
  ])
  expect(stepsOf([]).map((step) => [step.count, step.reach, step.dropOff])).toEqual([
    [0, 0, null],
    [0, 0, null],
    [0, 0, null],
  ])
})

test('departments are summed by month, the greatest first', () => {
  const rows = [
    { month_start_date: '2026-02-01', department: 'Beauty', gmv: '1.00' },
    { month_start_date: '2026-01-01', department: 'Fashion', gmv: '5.00' },
    { month_start_date: '2026-02-01', department: 'Fashion', gmv: '2.50' },
    { month_start_date: '2026-02-01', department: 'Fashion', gmv: '2.50' },
  ] as CategoryMonth[]
  expect(byDepartment(rows)).toEqual({
    places: ['2026-01-01', '2026-02-01'],
    series: [
      { name: 'Fashion', values: [5, 5] },
      { name: 'Beauty', values: [0, 1] },
    ],
  })
})

test('segments join their figures and share out the buyers', () => {
  const rows = segmentsOf([
    [
      { rfm_segment: 'lost', unique_buyers: 1 },
      { rfm_segment: 'champions', unique_buyers: 3 },
      { rfm_segment: null, unique_buyers: 9 },
    ],
    [{ rfm_segment: 'champions', order_gmv: '12.00' }],
  ])
  expect(rows).toEqual([
    { rfm_segment: 'champions', unique_buyers: 3, share: 0.75, order_gmv: '12.00' },
    { rfm_segment: 'lost', unique_buyers: 1, share: 0.25 },
  ])
})

function alert(sku_id: number, hours_left: number | null, quantity: number): StockAlert {
  return { sku_id, hours_left, quantity, safety_stock: 10 } as StockAlert
}

test('what runs out first is most urgent', () => {
  const sorted = [alert(1, null, 5), alert(2, 3, 50), alert(3, null, 0), alert(4, 1, 90)].toSorted(byUrgency)
  expect(sorted.map((one) => one.sku_id)).toEqual([4, 2, 3, 1])
})

function check(check_name: string, status: string): CheckResult {
  return { check_name, status } as CheckResult
}

test('checks that did not pass come first', () => {
  const sorted = [check('b', 'pass'), check('a', 'pass'), check('z', 'fail'), check('y', 'warn')].toSorted(bySeverity)
  expect(sorted.map((one) => one.check_name)).toEqual(['z', 'y', 'a', 'b'])
})

function firing(severity: string, since: string, subject = ''): Alert {
  return { severity, since, subject, rule: 'stock_runs_out' } as Alert
}

test('the most severe alerts come first, among equals the newest', () => {
  const alerts = [
    firing('info', '2026-11-30T10:00:00Z'),
    firing('critical', '2026-11-30T09:00:00Z', 'b'),
    firing('warning', '2026-11-30T10:00:00Z'),
    firing('critical', '2026-11-30T10:00:00Z', 'c'),
    firing('critical', '2026-11-30T09:00:00Z', 'a'),
  ]
  expect(worstFirst(alerts).map((one) => `${one.severity} ${one.subject}`.trim())).toEqual([
    'critical c',
    'critical a',
    'critical b',
    'warning',
    'info',
  ])
})

test('metrics are joined by their group, in the order of the first one', () => {
  const rows = joined('channel', [
    [
      { channel: 'shopee', gmv: '9.00' },
      { channel: null, gmv: '1.00' },
      { channel: 'app', gmv: '5.00' },
    ],
    [
      { channel: 'app', ad_spend: '2.00' },
      { channel: 'website', ad_spend: '3.00' },
    ],
  ])
  expect(rows).toEqual([
    { channel: 'shopee', gmv: '9.00' },
    { channel: 'app', gmv: '5.00', ad_spend: '2.00' },
    { channel: 'website', ad_spend: '3.00' },
  ])
})

test('a metric of the whole shop is asked for the period alone', () => {
  const question = { from: '2026-11-01', to: '2026-11-30', where: ['channel=app'] }
  expect(unfiltered(question)).toEqual({ from: '2026-11-01', to: '2026-11-30' })
})

test('rows of a metric have its columns by name', () => {
  expect(named(['day', 'gmv'], [['2026-11-30', '1.00']])).toEqual([{ day: '2026-11-30', gmv: '1.00' }])
})

test('the greatest values are taken by value, not by text', () => {
  expect(greatest([{ gmv: '9.00' }, { gmv: '10.00' }, { gmv: '100.00' }], 'gmv', 2)).toEqual([
    { gmv: '100.00' },
    { gmv: '10.00' },
  ])
})

test('a sparkline stays in its box, also when nothing changes', () => {
  expect(pathOf([1, 3, 2], 10, 10)).toBe('M0 8L5 2L10 5')
  expect(pathOf([4, 4], 10, 10)).toBe('M0 5L10 5')
})

function month(cohort_month: string, months_since_first_order: number, retention_rate: number): CohortMonth {
  return { cohort_month, months_since_first_order, retention_rate, cohort_size: 10 } as CohortMonth
}

describe('cohorts', () => {
  const rows = [
    month('2026-02-01', 0, 1),
    month('2026-02-01', 1, 0.2),
    month('2026-01-01', 0, 1),
    month('2026-01-01', 1, 0.5),
    month('2026-01-01', 2, 0.25),
  ]

  test('each has a row of the months after its first one, and all rows are as long', () => {
    const shown = cohortsOf(rows).map((cohort) => [cohort.month, ...cohort.months.map((one) => one?.retention_rate ?? null)])
    expect(shown).toEqual([
      ['2026-01-01', 0.5, 0.25],
      ['2026-02-01', 0.2, null],
    ])
  })

  test('the last ones are shown, with so many months', () => {
    expect(cohortsOf(rows, 1).map((cohort) => [cohort.month, cohort.months.length])).toEqual([['2026-02-01', 1]])
    expect(cohortsOf([])).toEqual([])
    expect(cohortsOf([month('2026-01-01', 0, 1)])).toEqual([{ month: '2026-01-01', size: 10, months: [] }])
  })
})

function score(order_id: number, value: number): FraudScore {
  return { order_id, score: value } as FraudScore
}

test('the likeliest fraud comes first, whatever is decided about it', () => {
  const queue = queueOf([score(1, 0.9), score(2, 0.3)], [score(3, 0.4), score(4, 0.3)])
  expect(queue.map((one) => one.order_id)).toEqual([1, 3, 2, 4])
})

test('a series is named once, and by its numbers where it has no name', () => {
  const known = { sku_id: 1, warehouse_id: 2, sku_code: 'TEA-1', warehouse_name: 'Bangkok' }
  const unnamed = { sku_id: 3, warehouse_id: 2, sku_code: null, warehouse_name: null }
  expect(choicesOf([known, known, unnamed]).map((one) => [one.key, one.name])).toEqual([
    ['1-2', 'TEA-1 · Bangkok'],
    ['3-2', 'SKU 3, warehouse 2'],
  ])
})
