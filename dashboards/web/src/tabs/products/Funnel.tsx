/** From view to cart to purchase in the last 24 hours, with what is lost at each step. */

import { useState } from 'react'
import type { FunnelWindow } from '../../api/marts'
import { EVERY, PATHS, useTable } from '../../api/queries'
import type { Column } from '../../format/columns'
import * as format from '../../format/format'
import { Segments } from '../../parts/controls'
import { DataPanel, useScope } from '../../parts/Panel'
import { useNow } from '../../state/now'
import { texts } from '../../texts'

const t = texts.products
const HOUR_MS = 3_600_000
const COLUMNS: Column<FunnelWindow>[] = [
  { key: 'window_start', label: texts.columns.placedAt, kind: 'moment' },
  { key: 'platform', label: texts.columns.platform, kind: 'text' },
  { key: 'views', label: texts.columns.views, kind: 'count' },
  { key: 'carts', label: texts.columns.carts, kind: 'count' },
  { key: 'purchases', label: texts.columns.purchases, kind: 'count' },
]

export interface Step {
  name: string
  count: number
  /** Of the views. */
  reach: number
  /** Of the step before; null for the first. */
  dropOff: number | null
}

/** The steps of all windows together. */
export function stepsOf(windows: readonly FunnelWindow[]): Step[] {
  const total = (name: 'views' | 'carts' | 'purchases') => windows.reduce((sum, row) => sum + row[name], 0)
  const counts: [string, number][] = [
    [t.views, total('views')],
    [t.carts, total('carts')],
    [t.purchases, total('purchases')],
  ]
  return counts.map(([name, count], index) => {
    const previous = counts[index - 1]?.[1]
    return {
      name,
      count,
      reach: counts[0]?.[1] ? count / counts[0][1] : 0,
      dropOff: previous ? 1 - count / previous : null,
    }
  })
}

export function Funnel() {
  const [platform, setPlatform] = useState<'all' | 'web' | 'ios' | 'android'>('all')
  // From a full hour, so that the question stays the same for an hour.
  const from = new Date((Math.floor(useNow() / HOUR_MS) - 24) * HOUR_MS).toISOString()
  const query = useTable<FunnelWindow>(
    PATHS.funnel,
    { from, limit: 1000, platform: platform === 'all' ? undefined : platform },
    EVERY.live,
  )
  const scope = useScope(query.data, 'live', false)
  return (
    <DataPanel
      title={t.funnel}
      scope={`${texts.scope.last24h} · ${scope}`}
      query={query}
      rows={(page) => page.data}
      columns={COLUMNS}
      empty={t.noVisits}
      chart={(rows) => (
        <>
          <div className="self-start">
          <Segments
            label={texts.columns.platform}
            choices={(['all', 'web', 'ios', 'android'] as const).map((value) => ({ value, label: texts.products.platforms[value] }))}
            value={platform}
            onChoose={setPlatform}
          />
          </div>
          <ol aria-label={t.funnel} className="mt-4 flex flex-col gap-4">
            {stepsOf(rows).map((step) => (
              <StepBar key={step.name} step={step} />
            ))}
          </ol>
        </>
      )}
    />
  )
}

function StepBar({ step }: { step: Step }) {
  return (
    <li>
      <div className="flex items-baseline justify-between gap-3">
        <span className="font-medium">{step.name}</span>
        <data value={String(step.count)} className="text-base font-semibold">
          {format.count(step.count)}
        </data>
      </div>
      <div aria-hidden className="my-1 h-7 rounded-md bg-raised">
        <div className="h-full rounded-md bg-accent-line/70" style={{ width: `${Math.max(0.5, 100 * step.reach)}%` }} />
      </div>
      <p className="flex justify-between text-xs text-soft">
        <span>{t.reach(format.rate(step.reach))}</span>
        {step.dropOff !== null && <span>{t.dropOff(format.rate(step.dropOff))}</span>}
      </p>
    </li>
  )
}
