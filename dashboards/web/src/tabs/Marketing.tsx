/** What brings buyers and orders, what it costs, and what is left of it. */

import type { ChannelMargin, FlashSaleResult, Voucher } from '../api/marts'
import { joined, PATHS, unfiltered, useAllRows, useMetric, type MetricRow } from '../api/queries'
import type { Column } from '../format/columns'
import * as format from '../format/format'
import { BarList } from '../parts/BarList'
import { Kpis, MetricKpi } from '../parts/Kpi'
import { DataPanel, usePeriodNote, useScope } from '../parts/Panel'
import { COLUMNS } from '../state/drilldowns'
import { useShop } from '../state/shop'
import { texts } from '../texts'
import { greatest } from './overview/Breakdown'

const t = texts.marketing
const c = texts.columns

export function Marketing() {
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      <div className="xl:col-span-2">
        <Figures />
      </div>
      <Attribution />
      <Margins />
      <Vouchers />
      <FlashSales />
      <Months />
    </div>
  )
}

function Figures() {
  const { question, isFiltered } = useShop()
  const ofShop = { ...unfiltered(question), compare: 'previous' } as const
  const note = usePeriodNote()
  return (
    <Kpis title={texts.overview.period} note={isFiltered ? `${note} · ${t.filtered}` : note}>
      <MetricKpi name="ad_spend" label={t.spend} unit="money" asked={ofShop} drilldown="attribution:last_non_direct" isBadWhenHigh />
      <MetricKpi name="return_on_ad_spend" label={t.returnOnSpend} unit="decimal" asked={ofShop} drilldown="attribution:last_non_direct" hint={t.returnOnSpendHint} />
      <MetricKpi name="acquisition_cost" label={t.acquisitionCost} unit="money" asked={ofShop} drilldown="attribution:last_non_direct" isBadWhenHigh />
      <MetricKpi name="attributed_new_buyers" label={t.newBuyers} unit="count" asked={ofShop} drilldown="attribution:last_non_direct" />
      <MetricKpi name="contribution_margin" label={t.margin} unit="money" drilldown="channel_margins" />
      <MetricKpi name="contribution_margin_rate" label={t.marginRate} unit="rate" drilldown="channel_margins" />
    </Kpis>
  )
}

const ATTRIBUTION: Column<MetricRow>[] = [
  { key: 'traffic_channel', label: c.trafficChannel, kind: 'label' },
  { key: 'attributed_gmv', label: c.gmv, kind: 'money' },
  { key: 'attributed_new_buyers', label: c.newBuyers, kind: 'decimal' },
  { key: 'ad_spend', label: c.spend, kind: 'money' },
  { key: 'return_on_ad_spend', label: c.returnOnSpend, kind: 'rating' },
  { key: 'acquisition_cost', label: c.acquisitionCost, kind: 'money' },
]

function Attribution() {
  const { question, currency } = useShop()
  const asked = { ...unfiltered(question), by: 'traffic_channel' }
  const gmv = useMetric('attributed_gmv', asked)
  const others = [
    useMetric('attributed_new_buyers', asked),
    useMetric('ad_spend', asked),
    useMetric('return_on_ad_spend', asked),
    useMetric('acquisition_cost', asked),
  ]
  const scope = useScope(gmv.data, 'periodOfShop')
  return (
    <DataPanel
      title={t.attribution}
      scope={scope}
      query={gmv}
      rows={(data) =>
        greatest(joined('traffic_channel', [data.data, ...others.map((one) => one.data?.data ?? [])]), 'attributed_gmv', 20)
      }
      columns={ATTRIBUTION}
      drilldown="attribution:last_non_direct"
      chart={(rows) => (
        <BarList
          label={t.attribution}
          bars={rows.map((row) => ({
            name: format.label(row.traffic_channel),
            value: Number(row.attributed_gmv),
            text: spent(row)
              ? `${format.money(row.attributed_gmv, currency)} · ${t.spent(format.money(row.ad_spend, currency))}`
              : format.money(row.attributed_gmv, currency),
          }))}
        />
      )}
    />
  )
}

function spent(row: MetricRow): boolean {
  return Number(row.ad_spend ?? 0) > 0
}

/** Advertising that no order came from has no channel; it is called as the mart by channel calls it. */
function withoutOrders(rows: readonly MetricRow[]): MetricRow[] {
  return rows.map((row) => ({ ...row, channel: row.channel ?? 'not_attributed' }))
}

function Margins() {
  const { question, currency } = useShop()
  const margin = useMetric('contribution_margin', { ...question, by: 'channel' })
  const rate = useMetric('contribution_margin_rate', { ...question, by: 'channel' })
  const scope = useScope(margin.data, 'period')
  return (
    <DataPanel
      title={t.marginOfChannels}
      scope={scope}
      query={margin}
      rows={(data) =>
        greatest(
          joined('channel', [data.data, rate.data?.data ?? []].map(withoutOrders)).filter((row) => row.contribution_margin !== null),
          'contribution_margin',
          20,
        )
      }
      columns={[
        { key: 'channel', label: c.channel, kind: 'label' },
        { key: 'contribution_margin', label: c.totalMargin, kind: 'money' },
        { key: 'contribution_margin_rate', label: c.marginRate, kind: 'rate' },
      ]}
      drilldown="channel_margins"
      chart={(rows) => (
        <BarList
          label={t.marginOfChannels}
          bars={rows.map((row) => ({
            name: format.label(row.channel),
            value: Number(row.contribution_margin),
            text: `${format.money(row.contribution_margin, currency)} · ${format.rate(row.contribution_margin_rate)}`,
          }))}
        />
      )}
    />
  )
}

function Vouchers() {
  const query = useAllRows<Voucher>(PATHS.vouchers)
  const scope = useScope(query.data, 'allTime')
  return (
    <DataPanel
      title={t.vouchers}
      scope={scope}
      query={query}
      rows={(page) => page.data.toReversed()}
      columns={COLUMNS.vouchers as Column<Voucher>[]}
      empty={t.noVouchers}
      drilldown="vouchers"
      className="xl:col-span-2"
    />
  )
}

function FlashSales() {
  const query = useAllRows<FlashSaleResult>(PATHS.flashSaleResults)
  const scope = useScope(query.data, 'allTime')
  return (
    <DataPanel
      title={t.flashSales}
      scope={scope}
      query={query}
      rows={(page) => page.data.toReversed()}
      columns={COLUMNS.flashSaleResults as Column<FlashSaleResult>[]}
      empty={t.noFlashSales}
      drilldown="flash_sales"
      className="xl:col-span-2"
    />
  )
}

function Months() {
  const query = useAllRows<ChannelMargin>(PATHS.channelMargins)
  const scope = useScope(query.data, 'allTime')
  return (
    <DataPanel
      title={t.margins}
      scope={scope}
      query={query}
      rows={(page) => page.data.toReversed()}
      columns={COLUMNS.channelMargins as Column<ChannelMargin>[]}
      drilldown="channel_margins"
      className="xl:col-span-2"
    />
  )
}
