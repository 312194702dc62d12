/** How many buyers of a month come back in the months after, as a table whose cells are the darker the more do. */

import type { CohortMonth } from '../../api/marts'
import { PATHS, useAllRows } from '../../api/queries'
import type { Column } from '../../format/columns'
import * as format from '../../format/format'
import { DataPanel, useScope } from '../../parts/Panel'
import { COLUMNS } from '../../state/drilldowns'
import { texts } from '../../texts'

const t = texts.customers
/** As many months as fit a wide screen. */
const MOST = 12

export interface Cohort {
  month: string
  size: number
  /** By months since the first order, from the first month on; null where there is none yet. */
  months: (CohortMonth | null)[]
}

/** The last cohorts with their first months; the month of the first order itself, where all buy, is left out. */
export function cohortsOf(rows: readonly CohortMonth[], most = MOST): Cohort[] {
  const cohorts = new Map<string, Cohort>()
  for (const row of rows) {
    const cohort = cohorts.get(row.cohort_month) ?? { month: row.cohort_month, size: row.cohort_size, months: [] }
    const since = row.months_since_first_order
    if (since >= 1 && since <= most) cohort.months[since - 1] = row
    cohorts.set(row.cohort_month, cohort)
  }
  const last = [...cohorts.values()].toSorted((one, other) => one.month.localeCompare(other.month)).slice(-most)
  const width = Math.max(0, ...last.map((cohort) => cohort.months.length))
  return last.map((cohort) => ({ ...cohort, months: Array.from({ length: width }, (_, at) => cohort.months[at] ?? null) }))
}

export function Cohorts() {
  const query = useAllRows<CohortMonth>(PATHS.cohorts)
  const scope = useScope(query.data, 'allTime', false)
  return (
    <DataPanel
      title={t.cohorts}
      scope={scope}
      query={query}
      rows={(page) => page.data}
      columns={COLUMNS.cohorts as Column<CohortMonth>[]}
      drilldown="cohorts"
      className="xl:col-span-2"
      chart={(rows) => <HeatTable cohorts={cohortsOf(rows)} />}
    />
  )
}

const HEAD = 'border-b border-line px-1.5 py-1.5 font-medium text-soft whitespace-nowrap'

function HeatTable({ cohorts }: { cohorts: readonly Cohort[] }) {
  const months = cohorts[0]?.months ?? []
  const rates = cohorts.flatMap((cohort) => cohort.months.map((month) => month?.retention_rate ?? 0))
  const greatest = Math.max(...rates, 0)
  return (
    // It scrolls, so that it must be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="relative overflow-auto" tabIndex={0} role="group" aria-label={t.cohorts}>
      <table className="w-full border-separate border-spacing-px text-[13px]">
        <thead>
          <tr>
            <th scope="col" className={`${HEAD} text-left`}>
              {t.cohort}
            </th>
            <th scope="col" className={`${HEAD} text-right`}>
              {t.cohortSize}
            </th>
            {months.map((_, at) => (
              <th key={at} scope="col" className={`${HEAD} text-right`}>
                <span className="sr-only">{t.monthsSince} </span>+{at + 1}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cohorts.map((cohort) => (
            <tr key={cohort.month}>
              <th scope="row" className="px-1.5 py-1 text-left font-medium whitespace-nowrap">
                {format.month(cohort.month)}
              </th>
              <td className="px-1.5 py-1 text-right">{format.count(cohort.size)}</td>
              {cohort.months.map((month, at) => (
                <HeatCell key={at} month={month} greatest={greatest} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function HeatCell({ month, greatest }: { month: CohortMonth | null; greatest: number }) {
  if (month === null) return <td aria-label={t.notYet} />
  const share = greatest > 0 ? (100 * month.retention_rate) / greatest : 0
  const hint = t.cohortCell(
    format.month(month.cohort_month),
    month.months_since_first_order,
    format.rate(month.retention_rate),
    format.count(month.active_buyer_count),
  )
  return (
    <td
      title={month.is_in_progress ? `${hint}, ${t.inProgress}` : hint}
      className={`rounded-sm px-1.5 py-1 text-right whitespace-nowrap ${month.is_in_progress ? 'italic' : ''}`}
      style={{ background: `color-mix(in srgb, var(--accent-soft) ${share}%, var(--surface))` }}
    >
      <data value={String(month.retention_rate)}>{format.rate(month.retention_rate)}</data>
      {month.is_in_progress && <span className="sr-only">, {t.inProgress}</span>}
    </td>
  )
}
