/** What needs a hand: stuck orders, stock that runs short, warehouses, deliveries, flash sales. */

import type { StockAlert, StuckOrder } from '../api/marts'
import { PATHS, useAllRows, useMetric } from '../api/queries'
import { Lines } from '../charts/Lazy'
import type { Column } from '../format/columns'
import * as format from '../format/format'
import { Kpi, Kpis, MetricKpi } from '../parts/Kpi'
import { DataPanel, usePeriodNote, useScope } from '../parts/Panel'
import { COLUMNS } from '../state/drilldowns'
import { stepOf } from '../state/period'
import { useShop } from '../state/shop'
import { texts } from '../texts'
import { Alerts } from './operations/Alerts'
import { Demand } from './operations/Demand'
import { FlashSales } from './operations/FlashSales'
import { Carriers, Stock } from './operations/Stock'
import { Warehouses } from './operations/Warehouses'

const t = texts.operations

export function Operations() {
  const stuck = useAllRows<StuckOrder>(PATHS.stuckOrders)
  const alerts = useAllRows<StockAlert>(PATHS.stockAlerts)
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      <div className="flex flex-col gap-4 xl:col-span-2">
        <Figures stuck={stuck.data?.data} alerts={alerts.data?.data} />
      </div>
      <Alerts />
      <Warehouses />
      <DataPanel
        title={t.stuck}
        scope={useScope(stuck.data, 'live')}
        query={stuck}
        rows={(page) => page.data}
        columns={COLUMNS.stuckOrders}
        empty={t.noStuck}
        drilldown="stuck"
      />
      <FlashSales />
      <DataPanel
        title={t.alerts}
        scope={useScope(alerts.data, 'live', false)}
        query={alerts}
        rows={(page) => page.data.toSorted(byUrgency)}
        columns={COLUMNS.stockAlerts as Column<StockAlert>[]}
        empty={t.noAlerts}
        drilldown="stock"
        className="xl:col-span-2"
      />
      <Demand />
      <Stock />
      <Deliveries />
      <Carriers />
    </div>
  )
}

function left(alert: StockAlert): number {
  return alert.hours_left ?? Number.POSITIVE_INFINITY
}

/** What runs out first, then what is furthest below its safety stock. */
export function byUrgency(one: StockAlert, other: StockAlert): number {
  if (left(one) !== left(other)) return left(one) - left(other)
  return one.quantity - one.safety_stock - (other.quantity - other.safety_stock)
}

function Figures({ stuck, alerts }: { stuck: StuckOrder[] | undefined; alerts: StockAlert[] | undefined }) {
  const short = alerts?.filter((alert) => alert.is_below_safety_stock).length
  return (
    <>
      <Kpis title={texts.scope.live}>
        <Kpi label={t.stuck} value={stuck?.length} unit="count" hint={t.stuckHint} drilldown="stuck" />
        <Kpi label={t.safety} value={short} unit="count" hint={t.alertsHint} drilldown="stock:below_safety" />
        <Kpi label={t.alerts} value={alerts?.length} unit="count" hint={t.lowHint} drilldown="stock" />
      </Kpis>
      <Kpis title={texts.overview.period} note={usePeriodNote()}>
        <MetricKpi name="delivered_order_count" label={t.delivered} unit="count" drilldown="shipping" />
        <MetricKpi name="late_delivery_rate" label={t.late} unit="rate" isBadWhenHigh drilldown="shipping" />
        <MetricKpi name="median_fulfillment_days" label={t.days} unit="decimal" isBadWhenHigh drilldown="shipping" />
      </Kpis>
    </>
  )
}

function Deliveries() {
  const { period, question } = useShop()
  const step = stepOf(period)
  const query = useMetric('late_delivery_rate', { ...question, by: step })
  const scope = useScope(query.data, 'period', false)
  return (
    <DataPanel
      title={t.delivery}
      scope={scope}
      query={query}
      rows={(data) => data.data.filter((row) => row.late_delivery_rate !== null)}
      columns={[
        { key: step, label: texts.columns[step], kind: step === 'month' ? 'month' : 'day' },
        { key: 'late_delivery_rate', label: texts.columns.lateRate, kind: 'rate' },
      ]}
      chart={(rows) => (
        <Lines
          label={t.delivery}
          places={rows.map((row) => String(row[step]))}
          series={[{ name: t.late, values: rows.map((row) => Number(row.late_delivery_rate)) }]}
          writeAt={step === 'month' ? format.month : format.shortDay}
          writeAxis={(value) => format.rate(value)}
          write={(value) => format.rate(value)}
        />
      )}
    />
  )
}

