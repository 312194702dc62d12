/** Whether the figures can be trusted: freshness, builds, and rows set aside. */

import type { MartFreshness, MartStatus } from '../api/marts'
import { EVERY, PATHS, useTable } from '../api/queries'
import * as format from '../format/format'
import { Kpi, Kpis } from '../parts/Kpi'
import { DataPanel, useScope } from '../parts/Panel'
import { COLUMNS } from '../state/drilldowns'
import { useNow } from '../state/now'
import { texts } from '../texts'

const t = texts.quality

export function Quality() {
  const freshness = useTable<MartFreshness>(PATHS.freshness, {}, EVERY.freshness)
  const status = useTable<MartStatus>(PATHS.excludedRows)
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      <div className="xl:col-span-2">
        <Figures freshness={freshness.data?.data} builtAt={status.data?.as_of} rows={status.data?.data} />
      </div>
      <DataPanel
        title={t.freshness}
        scope={useScope(freshness.data, 'live', false)}
        query={freshness}
        rows={(page) => page.data}
        columns={COLUMNS.freshness}
        className="xl:col-span-2"
      />
      <DataPanel
        title={t.excluded}
        scope={useScope(status.data, 'allTime', false)}
        query={status}
        rows={(page) => page.data}
        columns={[
          { key: 'mart', label: texts.columns.mart, kind: 'text' },
          { key: 'excluded_row_count', label: texts.columns.count, kind: 'count' },
        ]}
        empty={t.noExcluded}
      />
    </div>
  )
}

function Figures({
  freshness,
  builtAt,
  rows,
}: {
  freshness: MartFreshness[] | undefined
  builtAt: string | null | undefined
  rows: MartStatus[] | undefined
}) {
  const now = useNow()
  const behind = freshness?.map((mart) => mart.seconds_behind).filter((seconds) => seconds !== null) ?? []
  return (
    <Kpis title={t.state}>
      <Kpi
        label={t.marts}
        value={freshness?.filter((mart) => !mart.is_stale).length}
        unit="count"
        hint={t.ofMarts(format.count(freshness?.length))}
      />
      <Kpi label={t.lag} value={behind.length ? Math.max(...behind) : null} unit="decimal" hint={t.slowest} />
      <Kpi
        label={t.excluded}
        value={rows && Math.max(0, ...rows.map((row) => row.excluded_row_count))}
        unit="count"
        hint={builtAt ? t.builtAgo(format.ago(builtAt, now)) : undefined}
      />
    </Kpis>
  )
}
