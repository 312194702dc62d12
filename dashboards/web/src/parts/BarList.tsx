/** Values by name as horizontal bars, the greatest first. */

import { texts } from '../texts'

export interface Bar {
  name: string
  value: number
  /** The value as people read it. */
  text: string
}

export function BarList({ bars, label, height = 'max-h-64' }: { bars: readonly Bar[]; label: string; height?: string }) {
  const greatest = Math.max(...bars.map((bar) => bar.value), 0)
  return (
    <ul aria-label={label} className={`flex flex-col gap-2 overflow-y-auto ${height}`}>
      {bars.map((bar) => (
        <li key={bar.name}>
          <div className="flex items-baseline justify-between gap-3 text-[13px]">
            <span className="truncate" title={bar.name}>
              {bar.name || texts.overview.unknown}
            </span>
            <data value={String(bar.value)} className="whitespace-nowrap">
              {bar.text}
            </data>
          </div>
          <div aria-hidden className="mt-1 h-1.5 rounded-full bg-raised">
            <div
              className="h-full rounded-full bg-accent-line"
              style={{ width: `${greatest > 0 ? Math.max(0, (100 * bar.value) / greatest) : 0}%` }}
            />
          </div>
        </li>
      ))}
    </ul>
  )
}
