/** Which products leave most after all costs, and what comes back. */

import type { ReturnedCategory } from '../../api/marts'
import { joined, PATHS, useMetric, useTable, type MetricRow } from '../../api/queries'
import type { Column } from '../../format/columns'
import * as format from '../../format/format'
import { BarList } from '../../parts/BarList'
import { DataPanel, useScope } from '../../parts/Panel'
import { COLUMNS } from '../../state/drilldowns'
import { useShop } from '../../state/shop'
import { texts } from '../../texts'
import { greatest } from '../overview/Breakdown'

const t = texts.products
const c = texts.columns

/** Without a known cost of goods there is no margin. */
function isKnown(row: MetricRow): boolean {
  return row.product_name !== null && row.contribution_margin !== null
}

export function Margins() {
  const { question, currency } = useShop()
  const margin = useMetric('contribution_margin', { ...question, by: 'product_name' })
  const rate = useMetric('contribution_margin_rate', { ...question, by: 'product_name' })
  const scope = useScope(margin.data, 'period')
  return (
    <DataPanel
      title={t.marginOf}
      scope={scope}
      query={margin}
      rows={(data) => {
        const best = greatest(data.data.filter(isKnown), 'contribution_margin', 10)
        const names = new Set(best.map((row) => row.product_name))
        return joined('product_name', [best, rate.data?.data.filter((row) => names.has(row.product_name)) ?? []])
      }}
      columns={[
        { key: 'product_name', label: c.product, kind: 'text' },
        { key: 'contribution_margin', label: c.totalMargin, kind: 'money' },
        { key: 'contribution_margin_rate', label: c.marginRate, kind: 'rate' },
      ]}
      drilldown="margins"
      chart={(rows) => (
        <BarList
          label={t.marginOf}
          height=""
          bars={rows.map((row) => ({
            name: String(row.product_name),
            value: Number(row.contribution_margin),
            text: `${format.money(row.contribution_margin, currency)} · ${format.rate(row.contribution_margin_rate)}`,
          }))}
        />
      )}
    />
  )
}

/** The categories of the months of a period. */
export function Returns() {
  const { period } = useShop()
  const query = useTable<ReturnedCategory>(PATHS.returns, { from: `${period.from.slice(0, 7)}-01`, to: period.to, limit: 500 })
  const scope = useScope(query.data, 'months')
  return (
    <DataPanel
      title={t.returns}
      scope={scope}
      query={query}
      rows={(page) => page.data}
      columns={COLUMNS.returns as Column<ReturnedCategory>[]}
      empty={t.noReturns}
      drilldown="returns"
      className="xl:col-span-2"
    />
  )
}
