/** GMV over the period, with today as it is now. */

import type { LiveKpi } from '../../api/marts'
import { useMetric, type MetricRow } from '../../api/queries'
import { Columns } from '../../charts/Lazy'
import type { Column } from '../../format/columns'
import * as format from '../../format/format'
import { DataPanel, useScope } from '../../parts/Panel'
import { days, stepOf, type Period, type Step } from '../../state/period'
import { useShop } from '../../state/shop'
import { texts } from '../../texts'

const LABELS = { day: texts.columns.day, week: texts.columns.week, month: texts.columns.month }

/** The rows of a chart: each day of the period, also those without orders, and today's live value. */
export function gmvRows(
  found: readonly MetricRow[],
  step: Step,
  period: Period,
  today: { day: string; gmv: string } | null,
): MetricRow[] {
  const known = found.filter((row) => row[step] !== null)
  if (step !== 'day') return known
  const byDay = new Map(known.map((row) => [row.day, row.gmv]))
  return days(period)
    .filter((day) => today === null || day <= today.day)
    .map((day) => ({ day, gmv: day === today?.day ? today.gmv : (byDay.get(day) ?? '0.00') }))
}

export function Gmv({ kpi }: { kpi: LiveKpi | undefined }) {
  const { period, question, isFiltered, currency, today } = useShop()
  const step = stepOf(period)
  const query = useMetric('gmv', { ...question, by: step })
  const scope = useScope(query.data, 'period')
  const live = kpi && !isFiltered ? { day: kpi.reporting_date, gmv: kpi.gmv_today } : null
  const columns: Column<MetricRow>[] = [
    { key: step, label: LABELS[step], kind: step === 'month' ? 'month' : 'day' },
    { key: 'gmv', label: texts.columns.gmv, kind: 'money' },
  ]
  return (
    <DataPanel
      title={texts.overview.gmv}
      scope={scope}
      query={query}
      rows={(data) => gmvRows(data.data, step, period, live)}
      columns={columns}
      drilldown="days"
      chart={(rows) => (
        <Columns
          label={texts.overview.gmv}
          columns={rows.map((row) => ({
            at: String(row[step]),
            value: Number(row.gmv),
            isMarked: live !== null && row.day === today,
          }))}
          writeAt={step === 'month' ? format.month : format.shortDay}
          writeAxis={(value) => format.shortMoney(value, currency)}
          write={(value) => format.money(value, currency)}
        />
      )}
    />
  )
}
