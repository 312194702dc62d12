/** A table: figures at the right with digits under digits, the head stays in sight. */

import { isFigure, shown, type Column, type Kind } from '../format/columns'
import type { Value } from '../format/format'
import { texts } from '../texts'
import { useSearch } from '../state/search'
import { useShop } from '../state/shop'

export function Table<Row extends object>({
  label,
  rows,
  columns,
  height = 'max-h-96',
}: {
  label: string
  rows: readonly Row[]
  columns: readonly Column<Row>[]
  height?: string
}) {
  const { timeZone } = useShop()
  const setting = { timeZone, yes: texts.table.yes, no: texts.table.no }
  return (
    // It scrolls, so that it must be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={`overflow-auto ${height}`} tabIndex={0} role="group" aria-label={label}>
      <table className="w-full border-collapse text-[13px]">
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={`sticky top-0 z-10 border-b border-line bg-surface px-2 py-1.5 font-medium whitespace-nowrap text-soft first:pl-0 last:pr-0 ${
                  isFigure(column.kind) ? 'text-right' : 'text-left'
                }`}
              >
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index} className="border-b border-line/60 last:border-0 hover:bg-raised/60">
              {columns.map((column) => (
                <Cell key={column.key} value={row[column.key] as Value} column={column} setting={setting} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Cell<Row>({
  value,
  column,
  setting,
}: {
  value: Value
  column: Column<Row>
  setting: Parameters<typeof shown>[2]
}) {
  const text = shown(value, column.kind, setting)
  const tone = toneOf(value, column.kind)
  const place = isFigure(column.kind)
    ? 'text-right whitespace-nowrap'
    : column.kind === 'labels'
      ? 'min-w-56 text-left'
      : 'max-w-64 truncate text-left'
  return (
    <td className={`px-2 py-1.5 first:pl-0 last:pr-0 ${place} ${tone}`} title={isFigure(column.kind) ? undefined : text}>
      {column.opens && value !== null && value !== undefined ? (
        <Opener rows={`${column.opens}:${String(value)}`} label={`${column.label} ${text}`} text={text} />
      ) : isFigure(column.kind) ? (
        <data value={value === null || value === undefined ? '' : String(value)}>{text}</data>
      ) : (
        text
      )}
    </td>
  )
}

/** A value that opens rows. */
function Opener({ rows, label, text }: { rows: string; label: string; text: string }) {
  const [, change] = useSearch()
  return (
    <button
      type="button"
      aria-label={texts.table.rowsOf(label)}
      className="cursor-pointer text-accent-ink underline underline-offset-2"
      onClick={() => change({ rows })}
    >
      {text}
    </button>
  )
}

const SEVERE: Record<string, string> = { critical: 'font-medium text-bad', warning: 'text-warn' }

function toneOf(value: Value, kind: Kind): string {
  if (kind === 'severity') return SEVERE[String(value)] ?? ''
  if (kind !== 'change' || typeof value !== 'number') return ''
  return value > 0 ? 'text-good' : value < 0 ? 'text-bad' : 'text-soft'
}
