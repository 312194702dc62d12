/** Whether the figures can be trusted: freshness, builds, and rows set aside. */

import type { CheckResult, MartFreshness, MartStatus } from '../api/marts'
import { EVERY, PATHS, useAllRows, useTable } from '../api/queries'
import type { Column } from '../format/columns'
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
  const checks = useAllRows<CheckResult>(PATHS.checks)
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      <div className="xl:col-span-2">
        <Figures freshness={freshness.data?.data} builtAt={status.data?.as_of} rows={status.data?.data} checks={checks.data?.data} />
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
        title={t.checks}
        scope={useScope(checks.data, 'live', false)}
        query={checks}
        rows={(page) => page.data.toSorted(bySeverity)}
        columns={COLUMNS.checks as Column<CheckResult>[]}
        empty={t.noChecks}
        drilldown="checks"
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

const SEVERITY = ['error', 'fail', 'warn', 'skipped', 'pass']

/** What did not pass comes first. */
export function bySeverity(one: CheckResult, other: CheckResult): number {
  const difference = SEVERITY.indexOf(one.status) - SEVERITY.indexOf(other.status)
  return difference || one.check_name.localeCompare(other.check_name)
}

function Figures({
  freshness,
  builtAt,
  rows,
  checks,
}: {
  freshness: MartFreshness[] | undefined
  builtAt: string | null | undefined
  rows: MartStatus[] | undefined
  checks: CheckResult[] | undefined
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
      <Kpi
        label={t.passedChecks}
        value={checks?.filter((check) => check.status === 'pass').length}
        unit="count"
        hint={t.ofMarts(format.count(checks?.length))}
        drilldown="checks"
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
