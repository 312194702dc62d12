/** How many alerts fire, in every section; it opens them. */

import { Bell as Icon } from 'lucide-react'
import { useAlerts } from '../api/alerts'
import * as format from '../format/format'
import { useSearch } from '../state/search'
import { texts } from '../texts'

export function Bell() {
  const { data } = useAlerts('firing')
  const [, change] = useSearch()
  const count = data?.data.length ?? 0
  const isCritical = data?.data.some((alert) => alert.severity === 'critical') ?? false
  return (
    <button
      type="button"
      aria-label={texts.alerts.firing(format.count(count))}
      title={texts.alerts.firing(format.count(count))}
      className="inline-flex h-8 items-center gap-1.5 rounded-md px-1.5 text-soft hover:bg-raised hover:text-ink"
      onClick={() => change({ rows: 'alerts:firing' })}
    >
      <Icon size={18} aria-hidden />
      <span aria-hidden className="hidden text-[13px] md:inline">
        {texts.alerts.title}
      </span>
      {count > 0 && (
        <span className={`text-xs font-medium ${isCritical ? 'text-bad' : 'text-warn'}`}>{format.shortCount(count)}</span>
      )}
    </button>
  )
}
