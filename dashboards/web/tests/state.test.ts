import { describe, expect, test } from 'vitest'
import { addressOf } from '../src/api/client'
import { drilldownOf } from '../src/state/drilldowns'
import { dayIn, days, lastDays, lengthOf, plusDays, stepOf } from '../src/state/period'
import { read, USUAL, write } from '../src/state/search'
import { conditions, lastDayOf, periodOf, scoredSince, type Shop } from '../src/state/shop'

describe('the address of the page', () => {
  test('it holds what is shown, without what is as usual', () => {
    expect(write(USUAL)).toBe('')
    const search = { ...USUAL, tab: 'sellers', channel: 'app', from: '2026-01-01', to: '2026-01-31' } as const
    expect(read(write(search))).toEqual(search)
  })

  test('what it cannot mean is left out', () => {
    expect(read('?tab=nonsense&range=2d&from=2026-13-01&to=2026-12-31')).toEqual(USUAL)
    expect(read('?from=2026-02-01&to=2026-01-01')).toEqual(USUAL)
    expect(read('?from=2026-02-01')).toEqual(USUAL)
  })
})

describe('periods', () => {
  test('the last days end with the day given', () => {
    expect(lastDays('7d', '2026-03-03')).toEqual({ from: '2026-02-25', to: '2026-03-03' })
    expect(lengthOf(lastDays('30d', '2026-03-03'))).toBe(30)
  })

  test('days follow each other over months, leap days and changes of the clock', () => {
    expect(days({ from: '2028-02-28', to: '2028-03-01' })).toEqual(['2028-02-28', '2028-02-29', '2028-03-01'])
    expect(plusDays('2026-10-25', 1)).toBe('2026-10-26')
  })

  test('the day is that of the time zone', () => {
    const at = new Date('2026-11-30T20:00:00Z')
    expect([dayIn('Asia/Bangkok', at), dayIn('UTC', at)]).toEqual(['2026-12-01', '2026-11-30'])
  })

  test('a long period is split into longer steps', () => {
    expect(['7d', '90d', '365d'].map((range) => stepOf(lastDays(range as '7d', '2026-11-30')))).toEqual([
      'day',
      'day',
      'week',
    ])
    expect(stepOf({ from: '2020-01-01', to: '2026-01-01' })).toBe('month')
  })

  test('a period of one’s own goes before the last days', () => {
    const own = { ...USUAL, from: '2026-01-01', to: '2026-01-02' }
    expect(periodOf(own, '2026-11-30')).toEqual({ from: '2026-01-01', to: '2026-01-02' })
    expect(periodOf(USUAL, '2018-08-31')).toEqual({ from: '2018-08-02', to: '2018-08-31' })
  })
})

test('filters become conditions of metrics', () => {
  expect(conditions({ channel: 'app', country: null })).toEqual(['channel=app'])
  expect(conditions({ channel: 'app', country: 'TH' })).toEqual(['channel=app', 'country=TH'])
})

test('an address repeats the parameters of a list and leaves out those without a value', () => {
  const address = addressOf('/metrics/gmv', { by: 'day', where: ['channel=app', 'country=TH'], cursor: null, from: '' })
  expect(address).toBe('/api/v1/metrics/gmv?by=day&where=channel%3Dapp&where=country%3DTH')
})

describe('rows behind a card', () => {
  const shop = { period: { from: '2026-01-01', to: '2026-01-31' } } as Shop

  test('they are those of the period', () => {
    expect(drilldownOf('days', shop)?.parameters).toEqual({ from: '2026-01-01', to: '2026-01-31' })
  })

  test('they can be restricted', () => {
    expect(drilldownOf('customers:at_risk', shop)?.parameters).toEqual({ rfm_segment: 'at_risk' })
    expect(drilldownOf('customers', shop)?.parameters).toEqual({ rfm_segment: undefined })
  })

  test('an order opens its lines, a series its forecast', () => {
    expect(drilldownOf('order:17', shop)).toMatchObject({ path: '/margins/lines', parameters: { order_id: '17' } })
    expect(drilldownOf('forecasts:3-2', shop)?.parameters).toEqual({ sku_id: '3', warehouse_id: '2' })
    expect(drilldownOf('settlement:missing', shop)?.parameters).toEqual({
      status: 'missing',
      from: '2026-01-01',
      to: '2026-01-31',
    })
  })

  test('stock is restricted to what the panel restricts it to, and to nothing else', () => {
    expect(drilldownOf('stock_health:dead', shop)?.parameters).toEqual({ is_dead_stock: 'true' })
    expect(drilldownOf('stock_health:reorder', shop)?.parameters).toEqual({ needs_reorder: 'true' })
    expect(drilldownOf('stock_health:sku_id', shop)?.parameters).toEqual({})
  })

  test('fraud is of the last days with orders', () => {
    const ended = { ...shop, today: '2026-11-30', extent: { from: '2016-09-04', to: '2018-08-31' } }
    expect(drilldownOf('fraud:block', ended)?.parameters).toEqual({ decision: 'block', from: '2018-08-01T00:00:00Z' })
    expect(scoredSince({ today: '2026-11-30', extent: null })).toBe('2026-10-31T00:00:00Z')
  })

  test('unknown ones open nothing', () => {
    for (const name of ['nothing', '', 'constructor', 'toString:x']) expect(drilldownOf(name, shop)).toBeNull()
  })
})

test('today is the last day from its first order on, unless the data ended long ago', () => {
  const kpi = { reporting_date: '2026-12-01', order_count_today: 1 }
  expect(lastDayOf('2026-11-29', kpi, '2026-12-01')).toBe('2026-12-01')
  expect(lastDayOf('2026-11-29', { ...kpi, order_count_today: 0 }, '2026-12-01')).toBe('2026-11-29')
  expect(lastDayOf('2026-11-29', kpi, '2026-12-02')).toBe('2026-11-29')
  expect(lastDayOf('2026-11-29', undefined, '2026-12-01')).toBe('2026-11-29')
  expect(lastDayOf('2018-08-31', kpi, '2026-12-01')).toBe('2018-08-31')
})
