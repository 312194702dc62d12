/** GMV of the period by city or channel, the greatest first. */

import { useMetric, type MetricRow } from '../../api/queries'
import type { Column } from '../../format/columns'
import * as format from '../../format/format'
import { BarList } from '../../parts/BarList'
import { DataPanel, useScope } from '../../parts/Panel'
import { useShop } from '../../state/shop'
import { texts } from '../../texts'

/** The rows with the greatest values. */
export function greatest(rows: readonly MetricRow[], value: string, count: number): MetricRow[] {
  return rows.toSorted((one, other) => Number(other[value]) - Number(one[value])).slice(0, count)
}

/** What is named by a code of the shop. */
const KINDS = new Set(['channel', 'seller_tier'])

export function Breakdown({
  by,
  title,
  metric = 'gmv',
  top = 10,
}: {
  by: 'city' | 'channel' | 'product_name' | 'seller_name' | 'seller_tier'
  title: string
  metric?: string
  top?: number
}) {
  const { question, currency } = useShop()
  const query = useMetric(metric, { ...question, by })
  const scope = useScope(query.data, 'period')
  const labels = {
    city: texts.columns.city,
    channel: texts.columns.channel,
    product_name: texts.columns.product,
    seller_name: texts.columns.seller,
    seller_tier: texts.columns.tier,
  }
  const columns: Column<MetricRow>[] = [
    { key: by, label: labels[by], kind: KINDS.has(by) ? 'label' : 'text' },
    { key: metric, label: texts.columns.gmv, kind: 'money' },
  ]
  return (
    <DataPanel
      title={title}
      scope={scope}
      query={query}
      rows={(data) => greatest(data.data, metric, top)}
      columns={columns}
      chart={(rows) => (
        <BarList
          label={title}
          height=""
          bars={rows.map((row) => ({
            name: KINDS.has(by) ? format.label(row[by]) : String(row[by] ?? ''),
            value: Number(row[metric]),
            text: format.money(row[metric], currency),
          }))}
        />
      )}
    />
  )
}
