/** CSV files (RFC 4180) with values as the API gives them, so that nothing is rounded. */

import type { Column } from './columns'
import { isFigure } from './columns'
import type { Value } from './format'

/** The text of a file: a header with the columns' names, then the rows. */
export function csv<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const lines = rows.map((row) => columns.map((column) => cell(row[column.key] as Value, isFigure(column.kind))))
  return [columns.map((column) => column.key), ...lines].map((line) => `${line.join(',')}\r\n`).join('')
}

function cell(value: Value, isNumber: boolean): string {
  if (value === null || value === undefined) return ''
  const text = isNumber ? String(value) : harmless(typeof value === 'object' ? value.join('; ') : String(value))
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A text that a spreadsheet would compute as a formula, written as a text. */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
}

/** Give the browser a file to save. */
export function save(name: string, text: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob(['\uFEFF', text], { type: 'text/csv;charset=utf-8' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}
