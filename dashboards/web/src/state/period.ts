/** Periods of whole days of the shop. Days are texts such as 2026-11-30. */

export interface Period {
  from: string
  to: string
}

export const RANGES = { '7d': 7, '30d': 30, '90d': 90, '365d': 365 } as const
export type Range = keyof typeof RANGES
export const USUAL_RANGE: Range = '30d'

const DAY_MS = 86_400_000

export function isDay(text: string | null): text is string {
  return text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))
}

export function isRange(text: string | null): text is Range {
  return text !== null && Object.hasOwn(RANGES, text)
}

/** The day that many days later. */
export function plusDays(day: string, count: number): string {
  return new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10)
}

export function lengthOf(period: Period): number {
  return Math.round((Date.parse(period.to) - Date.parse(period.from)) / DAY_MS) + 1
}

/** The last days of a range, of which `end` is the last. */
export function lastDays(range: Range, end: string): Period {
  return { from: plusDays(end, 1 - RANGES[range]), to: end }
}

const calendars = new Map<string, Intl.DateTimeFormat>()

/** The day in a time zone at a moment. */
export function dayIn(timeZone: string, at = new Date()): string {
  const found = calendars.get(timeZone) ?? new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })
  calendars.set(timeZone, found)
  return found.format(at)
}

/** Every day of a period. */
export function days(period: Period): string[] {
  return Array.from({ length: Math.max(0, lengthOf(period)) }, (_, index) => plusDays(period.from, index))
}

export type Step = 'day' | 'week' | 'month'

/** By what a chart of the period is split, so that it can be read. */
export function stepOf(period: Period): Step {
  const length = lengthOf(period)
  return length <= 92 ? 'day' : length <= 400 ? 'week' : 'month'
}
