/** How the shop does: today against earlier days, the period, and orders as they come. */

import { PATHS, useMetric, useTable } from '../api/queries'
import type { DailyGmv, LiveKpi } from '../api/marts'
import { useLiveKpi } from '../api/liveData'
import { Loaded } from '../parts/Loaded'
import { Kpi, Kpis, MetricKpi, type Unit } from '../parts/Kpi'
import { usePeriodNote } from '../parts/Panel'
import { days, lastDays } from '../state/period'
import { useShop } from '../state/shop'
import { texts } from '../texts'
import { Breakdown } from './overview/Breakdown'
import { Gmv } from './overview/Gmv'
import { Ticker } from './overview/Ticker'

const t = texts.kpi

export function Overview() {
  const live = useLiveKpi()
  return (
    <div className="flex flex-col gap-4">
      <Loaded query={live} isEmpty={(page) => page.data.length === 0} height="h-36">
        {(page) => <Today kpi={page.data[0] as LiveKpi} />}
      </Loaded>
      <InPeriod />
      <div className="grid gap-4 xl:grid-cols-[minmax(0,2fr)_minmax(22rem,1fr)]">
        <Gmv kpi={live.data?.data[0]} />
        <Ticker />
        <Breakdown by="city" title={texts.overview.cities} />
        <Breakdown by="channel" title={texts.overview.channels} />
      </div>
    </div>
  )
}

const FIGURES = [
  ['gmv', t.gmv, 'money', 'days'],
  ['order_count', t.orders, 'count', 'orders'],
  ['avg_order_value', t.average, 'money', 'days'],
  ['unique_buyers', t.buyers, 'count', 'days'],
  ['revenue', t.revenue, 'money', 'revenue'],
  ['cancelled_order_count', t.cancelled, 'count', 'days'],
] as const

function Today({ kpi }: { kpi: LiveKpi }) {
  const { isFiltered } = useShop()
  const trends = useTrends(kpi)
  const note = isFiltered ? `${t.sameTime} · ${texts.scope.unfiltered}` : t.sameTime
  return (
    <Kpis title={texts.overview.today} note={note}>
      {FIGURES.map(([name, label, unit, drilldown]) => (
        <Kpi
          key={name}
          label={label}
          unit={unit}
          value={kpi[`${name}_today`]}
          comparisons={[
            { value: kpi[`${name}_yesterday`], what: t.yesterday },
            { value: kpi[`${name}_week_ago`], what: t.weekAgo },
          ]}
          trend={trends[name] ?? []}
          isBadWhenHigh={name === 'cancelled_order_count'}
          drilldown={drilldown}
        />
      ))}
    </Kpis>
  )
}

/** Each figure's last 30 days, today as it is now; a day without orders is 0. */
function useTrends(kpi: LiveKpi): Record<string, number[]> {
  const { extent, today } = useShop()
  const period = lastDays('30d', extent?.to ?? today)
  const orders = useTable<DailyGmv>(PATHS.daily, { ...period, limit: 31 })
  const revenue = useMetric('revenue', { by: 'day', ...period })
  const line = (name: (typeof FIGURES)[number][0], of: (day: string) => unknown) =>
    days(period).map((day) => Number((day === kpi.reporting_date ? kpi[`${name}_today`] : of(day)) ?? 0))
  const byDay = new Map(orders.data?.data.map((row) => [row.order_date, row]))
  const money = new Map(revenue.data?.data.map((row) => [row.day, row.revenue]))
  return {
    gmv: line('gmv', (day) => byDay.get(day)?.gmv),
    order_count: line('order_count', (day) => byDay.get(day)?.order_count),
    avg_order_value: line('avg_order_value', (day) => byDay.get(day)?.avg_order_value),
    unique_buyers: line('unique_buyers', (day) => byDay.get(day)?.unique_buyers),
    cancelled_order_count: line('cancelled_order_count', (day) => byDay.get(day)?.cancelled_order_count),
    revenue: line('revenue', (day) => money.get(day)),
  }
}

const PERIOD_FIGURES: readonly [string, string, Unit][] = [
  ['gmv', t.gmv, 'money'],
  ['order_count', t.orders, 'count'],
  ['avg_order_value', t.average, 'money'],
  ['unique_buyers', t.buyers, 'count'],
  ['revenue', t.revenue, 'money'],
  ['cancellation_rate', t.cancellationRate, 'rate'],
]

function InPeriod() {
  return (
    <Kpis title={texts.overview.period} note={usePeriodNote()}>
      {PERIOD_FIGURES.map(([name, label, unit]) => (
        <MetricKpi
          key={name}
          name={name}
          label={label}
          unit={unit}
          isBadWhenHigh={name === 'cancellation_rate'}
          drilldown={name === 'revenue' ? 'revenue' : 'days'}
        />
      ))}
    </Kpis>
  )
}
