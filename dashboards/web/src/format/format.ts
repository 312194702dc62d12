/** Figures, dates and times in the reader's locale. Amounts are decimal texts and keep all their digits. */

export type Value = string | number | boolean | readonly string[] | null | undefined

export const LOCALE = globalThis.navigator?.language ?? 'en'
/** That of the page's texts. */
const LANGUAGE = globalThis.document?.documentElement.lang || 'en'
export const NONE = '–'

// Intl takes decimal texts as they are, without turning them into floating-point numbers.
type Figure = Intl.StringNumericLiteral | number

const formats = new Map<string, Intl.NumberFormat>()

function numberFormat(options: Intl.NumberFormatOptions, locale: string): Intl.NumberFormat {
  const key = locale + JSON.stringify(options)
  const found = formats.get(key) ?? new Intl.NumberFormat(locale, options)
  formats.set(key, found)
  return found
}

function figure(value: Value, options: Intl.NumberFormatOptions, locale: string): string {
  if (value === null || value === undefined || value === '' || typeof value === 'boolean' || typeof value === 'object') return NONE
  return numberFormat(options, locale).format(value as Figure)
}

/** An amount with its currency, to the cent; without a currency just the figure. */
export function money(value: Value, currency?: string | null, locale = LOCALE): string {
  const cents = { minimumFractionDigits: 2, maximumFractionDigits: 2 }
  const options: Intl.NumberFormatOptions = currency
    ? { style: 'currency', currency, currencyDisplay: 'narrowSymbol', ...cents }
    : cents
  return figure(value, options, locale)
}

/** An amount in short, such as 1.2M, for axes and labels in charts. */
export function shortMoney(value: Value, currency?: string | null, locale = LOCALE): string {
  const short: Intl.NumberFormatOptions = { notation: 'compact', maximumFractionDigits: 1 }
  return figure(
    value,
    currency ? { style: 'currency', currency, currencyDisplay: 'narrowSymbol', ...short } : short,
    locale,
  )
}

export function shortCount(value: Value, locale = LOCALE): string {
  return figure(value, { notation: 'compact', maximumFractionDigits: 1 }, locale)
}

export function count(value: Value, locale = LOCALE): string {
  return figure(value, { maximumFractionDigits: 0 }, locale)
}

export function decimal(value: Value, digits = 1, locale = LOCALE): string {
  return figure(value, { minimumFractionDigits: digits, maximumFractionDigits: digits }, locale)
}

/** A fraction as a percentage. */
export function rate(value: Value, locale = LOCALE): string {
  return figure(value, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 }, locale)
}

/** From this change on, the factor is easier to read: ×12 instead of +1,100%. */
const LARGE_CHANGE = 9

/** A change given as a fraction: as a percentage with its sign, or as a factor if it is large. */
export function change(value: Value, locale = LOCALE): string {
  if (typeof value === 'number' && value >= LARGE_CHANGE) {
    return `×${figure(value + 1, { maximumSignificantDigits: 2, notation: 'compact' }, locale)}`
  }
  const options = { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' } as const
  return figure(value, options, locale)
}

/** The difference of two rates, in percentage points. */
export function points(difference: number, locale = LOCALE): string {
  const options = { maximumFractionDigits: 1, signDisplay: 'exceptZero' } as const
  return `${figure(100 * difference, options, locale)} pp`
}

/** The name of a value of the data, such as potential_loyalists. */
export function label(value: Value): string {
  if (value === null || value === undefined || value === '') return NONE
  const text = String(value).replaceAll('_', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** What an alert is about, such as `sku_id 7, warehouse_id 1`, without the names of columns. */
export function subject(value: Value): string {
  if (typeof value !== 'string' || value === '') return NONE
  return value.replaceAll(/\bsku_id\b/g, 'SKU').replaceAll(/\b(\w+)_id\b/g, '$1')
}

/** The names of several values of the data. */
export function labels(value: Value): string {
  return Array.isArray(value) && value.length > 0 ? value.map(label).join(', ') : NONE
}

/** The name of a country by its ISO 3166 code; what is no such code stays as it is. */
export function country(value: Value, locale = LOCALE): string {
  if (typeof value !== 'string' || value === '') return NONE
  if (!/^[A-Z]{2}$/.test(value)) return value
  return new Intl.DisplayNames(locale, { type: 'region', fallback: 'code' }).of(value) ?? value
}

const dateFormats = new Map<string, Intl.DateTimeFormat>()

function dateFormat(value: string, options: Intl.DateTimeFormatOptions, locale: string): string {
  const key = locale + JSON.stringify(options)
  const found = dateFormats.get(key) ?? new Intl.DateTimeFormat(locale, options)
  dateFormats.set(key, found)
  return found.format(new Date(value))
}

/** A day of the shop, given as 2026-11-30. */
export function day(value: Value, locale = LOCALE): string {
  return typeof value === 'string' ? dateFormat(value, { dateStyle: 'medium', timeZone: 'UTC' }, locale) : NONE
}

/** A day without its year, for axes. */
export function shortDay(value: Value, locale = LOCALE): string {
  if (typeof value !== 'string') return NONE
  return dateFormat(value, { day: 'numeric', month: 'short', timeZone: 'UTC' }, locale)
}

export function month(value: Value, locale = LOCALE): string {
  if (typeof value !== 'string') return NONE
  return dateFormat(value, { month: 'short', year: 'numeric', timeZone: 'UTC' }, locale)
}

/** A moment as the shop's clock shows it. */
export function moment(value: Value, timeZone?: string, locale = LOCALE): string {
  if (typeof value !== 'string') return NONE
  const options: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeStyle: 'short' }
  return dateFormat(value, timeZone ? { ...options, timeZone } : options, locale)
}

/** The time of day on the shop's clock. */
export function clock(value: Value, timeZone?: string, locale = LOCALE): string {
  if (typeof value !== 'string') return NONE
  const options: Intl.DateTimeFormatOptions = { timeStyle: 'medium' }
  return dateFormat(value, timeZone ? { ...options, timeZone } : options, locale)
}

/** How long ago, in the largest fitting unit: 3 seconds ago, 2 hours ago; in the language of the texts, within which it stands. */
export function ago(value: Value, now = Date.now(), locale = LANGUAGE): string {
  if (typeof value !== 'string') return NONE
  const seconds = Math.round((new Date(value).getTime() - now) / 1000)
  const units: [Intl.RelativeTimeFormatUnit, number][] = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ]
  const [unit, size] = units.find(([, each]) => Math.abs(seconds) >= each) ?? (['second', 1] as const)
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(Math.trunc(seconds / size), unit)
}

/** The change from an earlier value as a fraction; null where there was nothing to change. */
export function changeOf(now: Value, before: Value): number | null {
  if (now === null || now === undefined || before === null || before === undefined) return null
  const from = Number(before)
  return from === 0 ? null : (Number(now) - from) / Math.abs(from)
}
