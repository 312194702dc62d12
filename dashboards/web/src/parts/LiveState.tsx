/** Whether the live figures are current, in one line. */

import { useLiveFreshness } from '../api/liveData'
import * as format from '../format/format'
import { texts } from '../texts'

export function LiveState() {
  const { data, mart, error } = useLiveFreshness()
  const behind = mart?.seconds_behind ?? null
  const isCurrent = data !== undefined && !error && !data.is_stale
  const text = error
    ? texts.live.away
    : data?.is_stale
      ? texts.live.stale
      : behind === null
        ? texts.live.unknown
        : texts.live.current(format.count(Math.ceil(behind)))
  return (
    <p className="flex items-center gap-2 text-xs whitespace-nowrap text-soft">
      <span aria-hidden className={`size-2 rounded-full ${isCurrent ? 'bg-accent-line' : 'bg-warn'}`} />
      {text}
    </p>
  )
}
