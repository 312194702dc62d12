/** How long stock lasts, what it costs, and what nobody buys; and how carriers deliver. */

import type { StockHealth } from '../../api/marts'
import { joined, PATHS, unfiltered, useMetric } from '../../api/queries'
import type { Column } from '../../format/columns'
import * as format from '../../format/format'
import { BarList } from '../../parts/BarList'
import { ChoiceTable } from '../../parts/ChoiceTable'
import { DataPanel, useScope } from '../../parts/Panel'
import { COLUMNS } from '../../state/drilldowns'
import { useShop } from '../../state/shop'
import { texts } from '../../texts'

const t = texts.operations
const c = texts.columns
const FLAGS = { all: {}, reorder: { needs_reorder: 'true' }, dead: { is_dead_stock: 'true' } }

export function Stock() {
  return (
    <ChoiceTable
      title={t.health}
      path={PATHS.stockHealth}
      columns={COLUMNS.stockHealth as Column<StockHealth>[]}
      covers="allTime"
      label={t.healthChoice}
      choices={t.healthChoices}
      first="reorder"
      parameters={(choice) => FLAGS[choice]}
      drilldown={(choice) => (choice === 'all' ? 'stock_health' : `stock_health:${choice}`)}
      empty={t.noHealth}
    />
  )
}

export function Carriers() {
  const question = { ...unfiltered(useShop().question), by: 'carrier' }
  const parcels = useMetric('shipment_count', question)
  const onTime = useMetric('on_time_delivery_rate', question)
  const scope = useScope(parcels.data, 'periodOfShop', false)
  return (
    <DataPanel
      title={t.shipping}
      scope={scope}
      query={parcels}
      rows={(data) => joined('carrier', [data.data, onTime.data?.data ?? []]).filter((row) => Number(row.shipment_count ?? 0) > 0)}
      columns={[
        { key: 'carrier', label: c.carrier, kind: 'label' },
        { key: 'shipment_count', label: c.parcels, kind: 'count' },
        { key: 'on_time_delivery_rate', label: c.onTime, kind: 'rate' },
      ]}
      empty={t.noShipping}
      drilldown="shipping"
      chart={(rows) => (
        <BarList
          label={t.shipping}
          bars={rows.map((row) => ({
            name: format.label(row.carrier),
            value: Number(row.shipment_count),
            text: `${format.count(row.shipment_count)} · ${t.onTime(format.rate(row.on_time_delivery_rate))}`,
          }))}
        />
      )}
    />
  )
}
