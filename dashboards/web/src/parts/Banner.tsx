/** Says that figures are not current, and since when. */

import { TriangleAlert } from 'lucide-react'
import { useLiveFreshness } from '../api/liveData'
import * as format from '../format/format'
import { texts } from '../texts'

export function Banner({ hasShop, error }: { hasShop: boolean; error: Error | null }) {
  const freshness = useLiveFreshness()
  const text = textOf(freshness, hasShop, error)
  return (
    <output className="block">
      {text && (
        <span className="mb-4 flex items-start gap-2 rounded-lg border border-warn/40 bg-warn-soft px-4 py-2.5 text-warn">
          <TriangleAlert size={18} aria-hidden className="mt-px shrink-0" />
          {text}
        </span>
      )}
    </output>
  )
}

function textOf(
  { data, mart, error }: ReturnType<typeof useLiveFreshness>,
  hasShop: boolean,
  failed: Error | null,
): string | null {
  if (failed && !hasShop) return failed.message
  if (error) return texts.banner.away
  if (!data?.is_stale) return null
  const until = mart?.complete_until
  return until ? texts.banner.stale(format.moment(until, data.time_zone)) : texts.banner.staleUnknown
}
