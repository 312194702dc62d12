import { describe, expect, test } from 'vitest'
import { shown } from '../src/format/columns'
import { csv } from '../src/format/csv'
import * as format from '../src/format/format'

describe('figures', () => {
  test('an amount keeps every digit, however long', () => {
    expect(format.money('12345678901234567.89', 'USD', 'en-US')).toBe('$12,345,678,901,234,567.89')
    expect(format.money('-0.10', 'USD', 'en-US')).toBe('-$0.10')
  })

  test('an amount is written as the reader is used to', () => {
    expect(format.money('1234.5', 'EUR', 'de-DE')).toBe('1.234,50\u00A0€')
    expect(format.money('1234.5', null, 'en-US')).toBe('1,234.50')
  })

  test('what is not known is a dash, never zero', () => {
    for (const write of [format.money, format.count, format.rate, format.day, format.moment, format.label, format.country]) {
      expect(write(null)).toBe(format.NONE)
      expect(write(undefined)).toBe(format.NONE)
    }
    expect(format.count(0, 'en-US')).toBe('0')
  })

  test('a change has its sign, and a large one is a factor', () => {
    expect(format.change(0.125, 'en-US')).toBe('+12.5%')
    expect(format.change(-0.5, 'en-US')).toBe('-50%')
    expect(format.change(0, 'en-US')).toBe('0%')
    expect(format.change(149, 'en-US')).toBe('×150')
  })

  test('a change from nothing is not known', () => {
    expect(format.changeOf('10.00', '0.00')).toBeNull()
    expect(format.changeOf('10.00', null)).toBeNull()
    expect(format.changeOf('15.00', '10.00')).toBe(0.5)
    expect(format.changeOf('-5.00', '-10.00')).toBe(0.5)
  })

  test('rates are compared in percentage points', () => {
    expect(format.points(-0.017, 'en-US')).toBe('-1.7 pp')
  })
})

describe('days and times', () => {
  test('a day of the shop is the same day in every time zone', () => {
    expect(format.day('2026-11-30', 'en-US')).toBe('Nov 30, 2026')
    expect(format.month('2026-11-01', 'en-US')).toBe('Nov 2026')
  })

  test('a moment is shown on the clock of the shop', () => {
    expect(format.clock('2026-11-30T20:05:06Z', 'Asia/Bangkok', 'en-GB')).toBe('03:05:06')
  })

  test('how long ago is told in the largest unit that fits', () => {
    const now = Date.parse('2026-11-30T12:00:00Z')
    expect(format.ago('2026-11-30T11:59:57Z', now, 'en-US')).toBe('3 seconds ago')
    expect(format.ago('2026-11-30T09:10:00Z', now, 'en-US')).toBe('2 hours ago')
  })
})

test('names of the data are made readable', () => {
  expect(format.label('potential_loyalists')).toBe('Potential loyalists')
  expect(format.country('MY', 'en-US')).toBe('Malaysia')
  expect(format.country('(unknown)', 'en-US')).toBe('(unknown)')
})

test('what an alert is about is written without the names of columns', () => {
  expect(format.subject('sku_id 7, warehouse_id 1')).toBe('SKU 7, warehouse 1')
  expect([format.subject('rt_live_orders'), format.subject('')]).toEqual(['rt_live_orders', format.NONE])
})

test('a column decides how its values are shown', () => {
  const setting = { timeZone: 'UTC', yes: 'Yes', no: 'No' }
  expect(shown(true, 'flag', setting)).toBe('Yes')
  expect(shown(false, 'flag', setting)).toBe('No')
  expect(shown(null, 'flag', setting)).toBe(format.NONE)
  expect(shown('4.05', 'rating', setting)).toContain('05')
})

describe('CSV', () => {
  const columns = [
    { key: 'name', label: 'Name', kind: 'text' },
    { key: 'gmv', label: 'GMV', kind: 'money' },
  ] as const

  test('values are those of the mart, under the names of its columns', () => {
    expect(csv([{ name: 'Mat', gmv: '1234.50' }], columns)).toBe('name,gmv\r\nMat,1234.50\r\n')
  })

  test('commas, quotes and line ends stay inside their field', () => {
    expect(csv([{ name: 'A "b", c\nd', gmv: null }], columns)).toBe('name,gmv\r\n"A ""b"", c\nd",\r\n')
  })

  test('several values stand in one field', () => {
    const listed = [{ key: 'reasons', label: 'Reasons', kind: 'labels' }] as const
    expect(csv([{ reasons: ['card_abroad', 'amount'] }, { reasons: [] }], listed)).toBe(
      'reasons\r\ncard_abroad; amount\r\n\r\n',
    )
    expect(format.labels(['card_abroad', 'amount'])).toBe('Card abroad, Amount')
    expect([format.labels([]), format.labels(null)]).toEqual([format.NONE, format.NONE])
  })

  test('a name that a spreadsheet would compute is written as a text, a negative amount is not', () => {
    expect(csv([{ name: '=1+1', gmv: '-5.00' }], columns)).toBe("name,gmv\r\n'=1+1,-5.00\r\n")
  })
})
