/** Who buys: segments by recency, frequency and value, new buyers, and what a buyer is worth. */

import type { Customer } from '../api/marts'
import { PATHS, useMetric, useTable, type MetricRow } from '../api/queries'
import { Areas, Columns } from '../charts/Lazy'
import type { Column } from '../format/columns'
import * as format from '../format/format'
import { BarList } from '../parts/BarList'
import { Kpis, MetricKpi } from '../parts/Kpi'
import { DataPanel, usePeriodNote, useScope } from '../parts/Panel'
import { COLUMNS } from '../state/drilldowns'
import { useSearch } from '../state/search'
import { useShop } from '../state/shop'
import { texts } from '../texts'
import { Churn, Scores } from './customers/Churn'
import { Cohorts } from './customers/Cohorts'
import { greatest } from './overview/Breakdown'

const t = texts.customers
const c = texts.columns

export function Customers() {
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      <div className="flex flex-col gap-4 xl:col-span-2">
        <Figures />
      </div>
      <Segments />
      <Lifetime />
      <NewBuyers />
      <Cohorts />
      <Churn />
      <Scores />
      <List />
    </div>
  )
}

const ALL = {}
const BY_SEGMENT = { by: 'rfm_segment' }

function Figures() {
  const { isFiltered } = useShop()
  return (
    <>
      <Kpis title={texts.overview.period} note={usePeriodNote()}>
        <MetricKpi name="unique_buyers" label={texts.kpi.buyers} unit="count" drilldown="days" />
        <MetricKpi name="orders_per_buyer" label={c.ordersPerBuyer} unit="decimal" />
        <MetricKpi name="avg_order_value" label={texts.kpi.average} unit="money" drilldown="days" />
        <MetricKpi name="return_rate" label={t.returnRate} unit="rate" isBadWhenHigh drilldown="returns" />
      </Kpis>
      <Kpis title={texts.scope.allTime} note={isFiltered ? texts.scope.unfiltered : undefined}>
        <MetricKpi name="unique_buyers" label={texts.kpi.buyers} unit="count" question={ALL} drilldown="customers" />
        <MetricKpi name="repeat_rate" label={t.repeatRate} unit="rate" question={ALL} />
        <MetricKpi
          name="lifetime_value"
          label={t.lifetimeValue}
          unit="money"
          question={ALL}
          hint={t.lifetimeHint}
          drilldown="lifetime"
        />
        <MetricKpi name="registration_count" label={t.registrations} unit="count" question={ALL} />
      </Kpis>
    </>
  )
}

const SEGMENT_COLUMNS: Column<MetricRow>[] = [
  { key: 'rfm_segment', label: c.segment, kind: 'label', opens: 'customers' },
  { key: 'unique_buyers', label: c.buyers, kind: 'count' },
  { key: 'share', label: t.share, kind: 'rate' },
  { key: 'order_gmv', label: c.gmv, kind: 'money' },
  { key: 'avg_order_value', label: c.average, kind: 'money' },
]

/** Each segment's figures in one row, with its share of all buyers; the largest first. */
export function segmentsOf(answers: readonly (readonly MetricRow[])[]): MetricRow[] {
  const rows = new Map<string, MetricRow>()
  for (const row of answers.flat()) {
    const segment = String(row.rfm_segment)
    if (row.rfm_segment !== null) rows.set(segment, { ...rows.get(segment), ...row })
  }
  const all = [...rows.values()].reduce((sum, row) => sum + Number(row.unique_buyers ?? 0), 0)
  return [...rows.values()]
    .filter((row) => Number(row.unique_buyers ?? 0) > 0)
    .map((row): MetricRow => ({ ...row, share: Number(row.unique_buyers) / all }))
    .toSorted((one, other) => Number(other.unique_buyers) - Number(one.unique_buyers))
}

function Segments() {
  const [, change] = useSearch()
  const buyers = useMetric('unique_buyers', BY_SEGMENT)
  const gmv = useMetric('order_gmv', BY_SEGMENT)
  const average = useMetric('avg_order_value', BY_SEGMENT)
  const scope = useScope(buyers.data, 'allTime')
  return (
    <DataPanel
      title={t.segments}
      scope={scope}
      query={buyers}
      rows={(data) => segmentsOf([data.data, gmv.data?.data ?? [], average.data?.data ?? []])}
      columns={SEGMENT_COLUMNS}
      drilldown="customers"
      chart={(rows) => (
        <Areas
          label={t.segments}
          parts={rows.map((row) => ({
            key: String(row.rfm_segment),
            name: format.label(row.rfm_segment),
            value: Number(row.unique_buyers),
            text: `${format.count(row.unique_buyers)} · ${format.rate(row.share)}`,
          }))}
          onChoose={(segment) => change({ rows: `customers:${segment}` })}
        />
      )}
    />
  )
}

function Lifetime() {
  const { currency } = useShop()
  const query = useMetric('lifetime_value', { by: 'acquisition_channel' })
  const scope = useScope(query.data, 'allTime')
  return (
    <DataPanel
      title={t.lifetime}
      scope={scope}
      query={query}
      rows={(data) => greatest(data.data, 'lifetime_value', 10)}
      columns={[
        { key: 'acquisition_channel', label: c.acquisition, kind: 'label' },
        { key: 'lifetime_value', label: c.perBuyer, kind: 'money' },
      ]}
      chart={(rows) => (
        <BarList
          label={t.lifetimeBy}
          bars={rows.map((row) => ({
            name: format.label(row.acquisition_channel),
            value: Number(row.lifetime_value),
            text: format.money(row.lifetime_value, currency),
          }))}
        />
      )}
    />
  )
}

/** The months of two years; not those of buyers whose first order is not known. */
function lastMonths(rows: readonly MetricRow[]): MetricRow[] {
  return rows.filter((row) => row.month !== null).slice(-24)
}

function NewBuyers() {
  const query = useMetric('new_buyers', { by: 'month' })
  const scope = useScope(query.data, 'allTime', false)
  return (
    <DataPanel
      title={t.newBuyers}
      scope={scope}
      query={query}
      rows={(data) => lastMonths(data.data)}
      columns={[
        { key: 'month', label: c.month, kind: 'month' },
        { key: 'new_buyers', label: c.newBuyers, kind: 'count' },
      ]}
      className="xl:col-span-2"
      chart={(rows) => (
        <Columns
          label={t.newBuyers}
          columns={rows.map((row) => ({ at: String(row.month), value: Number(row.new_buyers) }))}
          writeAt={format.month}
          writeAxis={(value) => format.shortCount(value)}
          write={(value) => format.count(value)}
        />
      )}
    />
  )
}

function List() {
  const query = useTable<Customer>(PATHS.customers, { limit: 25 })
  const scope = useScope(query.data, 'allTime')
  return (
    <DataPanel
      title={t.everyone}
      scope={scope}
      query={query}
      rows={(page) => page.data}
      columns={COLUMNS.customers as Column<Customer>[]}
      drilldown="customers"
      className="xl:col-span-2"
    />
  )
}
