/** How sellers sell and serve, and what the platform earns by them. */

import type { Seller } from '../api/marts'
import { PATHS, useTable } from '../api/queries'
import type { Column } from '../format/columns'
import { Kpis, MetricKpi } from '../parts/Kpi'
import { DataPanel, usePeriodNote, useScope } from '../parts/Panel'
import { COLUMNS } from '../state/drilldowns'
import { texts } from '../texts'
import { Breakdown } from './overview/Breakdown'
import { Claims, Settlement } from './sellers/Settlement'

const t = texts.sellers

export function Sellers() {
  const query = useTable<Seller>(PATHS.sellers, { limit: 100 })
  const scope = useScope(query.data, 'allTime')
  return (
    <div className="grid gap-4 xl:grid-cols-[minmax(0,2fr)_minmax(22rem,1fr)]">
      <div className="xl:col-span-2">
        <Figures />
      </div>
      <Breakdown by="seller_name" title={t.top} />
      <Breakdown by="seller_tier" title={t.byTier} />
      <DataPanel
        title={t.scorecard}
        scope={scope}
        query={query}
        rows={(page) => page.data}
        columns={COLUMNS.sellers as Column<Seller>[]}
        drilldown="sellers"
        className="xl:col-span-2"
      />
      <Settlement />
      <Claims />
    </div>
  )
}

function Figures() {
  return (
    <Kpis title={texts.overview.period} note={usePeriodNote()}>
      <MetricKpi name="gmv" label={texts.kpi.gmv} unit="money" drilldown="sellers" />
      <MetricKpi name="commission" label={t.commission} unit="money" drilldown="sellers" />
      <MetricKpi name="take_rate" label={t.takeRate} unit="rate" drilldown="sellers" />
      <MetricKpi name="gross_margin" label={t.margin} unit="money" drilldown="lines" />
    </Kpis>
  )
}
