/** Columns of tables: what they show, how, and how they stand in a CSV file. */

import * as format from './format'
import type { Value } from './format'

export type Kind = 'text' | 'label' | 'labels' | 'country' | 'money' | 'count' | 'decimal' | 'rating' | 'rate' | 'change' | 'day' | 'month' | 'moment' | 'clock' | 'flag' | 'severity' | 'subject'

export interface Column<Row> {
  /** The column's name in the mart, which the CSV file has as well. */
  key: keyof Row & string
  label: string
  kind: Kind
  /** The rows that a value opens, by the name that `drilldownOf` knows: `order` opens `order:17`. */
  opens?: string
}

export interface Setting {
  timeZone?: string | undefined
  yes: string
  no: string
}

const TEXTS = new Set<Kind>(['text', 'label', 'labels', 'country', 'flag', 'day', 'month', 'moment', 'clock', 'severity', 'subject'])

/** Figures stand at the right, so that their digits align. */
export function isFigure(kind: Kind): boolean {
  return !TEXTS.has(kind)
}

/** A value as a person reads it. */
export function shown(value: Value, kind: Kind, setting: Setting): string {
  switch (kind) {
    case 'text':
      return value === null || value === undefined || value === '' ? format.NONE : String(value)
    case 'severity':
      return format.label(value)
    case 'flag':
      return value === null || value === undefined ? format.NONE : value ? setting.yes : setting.no
    case 'rating':
      return format.decimal(value, 2)
    case 'moment':
      return format.moment(value, setting.timeZone)
    case 'clock':
      return format.clock(value, setting.timeZone)
    default:
      return format[kind](value)
  }
}
