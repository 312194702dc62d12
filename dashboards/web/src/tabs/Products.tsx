/** What sells, how categories go, and how visits become purchases. */

import type { CategoryMonth, Product } from '../api/marts'
import { PATHS, useTable } from '../api/queries'
import { Lines } from '../charts/Lazy'
import type { Column } from '../format/columns'
import * as format from '../format/format'
import { DataPanel, useScope } from '../parts/Panel'
import { COLUMNS } from '../state/drilldowns'
import { plusDays } from '../state/period'
import { useShop } from '../state/shop'
import { texts } from '../texts'
import { Breakdown } from './overview/Breakdown'
import { Funnel } from './products/Funnel'
import { Margins, Returns } from './products/Margins'
import { Recommended } from './products/Recommended'

export function Products() {
  const best = useTable<Product>(PATHS.products, { limit: 25 })
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      <Breakdown by="product_name" title={texts.products.top} />
      <Funnel />
      <Trends />
      <Margins />
      <Recommended products={best.data?.data ?? []} />
      <Performance query={best} />
      <Returns />
    </div>
  )
}

function Performance({ query }: { query: ReturnType<typeof useTable<Product>> }) {
  const scope = useScope(query.data, 'allTime')
  return (
    <DataPanel
      title={texts.products.performance}
      scope={scope}
      query={query}
      rows={(page) => page.data}
      columns={COLUMNS.products as Column<Product>[]}
      drilldown="products"
      className="xl:col-span-2"
    />
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** The departments' GMV by month: departments as lines, months as places. */
export function byDepartment(rows: readonly CategoryMonth[]): { places: string[]; series: { name: string; values: number[] }[] } {
  const places = [...new Set(rows.map((row) => row.month_start_date))].toSorted()
  const totals = new Map<string, Map<string, number>>()
  for (const row of rows) {
    const months = totals.get(row.department) ?? new Map<string, number>()
    months.set(row.month_start_date, (months.get(row.month_start_date) ?? 0) + Number(row.gmv))
    totals.set(row.department, months)
  }
  const series = [...totals].map(([name, months]) => ({ name, values: places.map((place) => months.get(place) ?? 0) }))
  return { places, series: series.toSorted((one, other) => sum(other.values) - sum(one.values)).slice(0, 6) }
}

function Trends() {
  const { extent, today, currency } = useShop()
  const end = extent?.to ?? today
  const from = `${plusDays(end, -365).slice(0, 7)}-01`
  const query = useTable<CategoryMonth>(PATHS.categories, { from, limit: 1000 })
  const scope = useScope(query.data, 'allTime')
  return (
    <DataPanel
      title={texts.products.trends}
      scope={scope}
      query={query}
      rows={(page) => page.data}
      columns={COLUMNS.categories}
      drilldown="categories"
      className="xl:col-span-2"
      height="h-72"
      chart={(rows) => {
        const { places, series } = byDepartment(rows)
        return (
          <Lines
            label={texts.products.trends}
            places={places}
            series={series}
            writeAt={format.month}
            writeAxis={(value) => format.shortMoney(value, currency)}
            write={(value) => format.money(value, currency)}
          />
        )
      }}
    />
  )
}
