/** Expected demand of a SKU in a warehouse with its interval, and what to order before stock runs out. */

import { useState } from 'react'
import type { Forecast, ReorderProposal } from '../../api/marts'
import { PATHS, useTable } from '../../api/queries'
import { Band } from '../../charts/Lazy'
import type { Column } from '../../format/columns'
import * as format from '../../format/format'
import { Select } from '../../parts/controls'
import { DataPanel, useScope } from '../../parts/Panel'
import { COLUMNS } from '../../state/drilldowns'
import { texts } from '../../texts'

const t = texts.operations

interface Series {
  sku_id: number
  warehouse_id: number
  sku_code: string | null
  warehouse_name: string | null
}

/** What stands in the page's address for a series. */
export function keyOf(series: Series): string {
  return `${series.sku_id}-${series.warehouse_id}`
}

/** Series by their names, each once; what has no name is named by its numbers. */
export function choicesOf(series: readonly Series[]): { key: string; name: string; series: Series }[] {
  const found = new Map(series.map((one) => [keyOf(one), one]))
  return [...found].map(([key, one]) => ({
    key,
    series: one,
    name:
      one.sku_code && one.warehouse_name
        ? `${one.sku_code} · ${one.warehouse_name}`
        : t.sku(one.sku_id, one.warehouse_id),
  }))
}

export function Demand() {
  const proposals = useTable<ReorderProposal>(PATHS.proposals, { limit: 50 })
  return (
    <>
      <Forecasts proposed={proposals.data?.data ?? []} />
      <DataPanel
        title={t.reorders}
        scope={useScope(proposals.data, 'run', false)}
        query={proposals}
        rows={(page) => page.data}
        columns={COLUMNS.proposals as Column<ReorderProposal>[]}
        empty={t.noReorders}
        drilldown="reorders"
        className="xl:col-span-2"
      />
    </>
  )
}

/** One series; those with a proposal can be chosen, and without proposals the first of the forecasts is shown. */
function Forecasts({ proposed }: { proposed: readonly ReorderProposal[] }) {
  const [chosen, setChosen] = useState<string | null>(null)
  const first = useTable<Forecast>(PATHS.forecasts, { limit: 1 })
  const choices = choicesOf(proposed.length > 0 ? proposed : (first.data?.data ?? []))
  const choice = choices.find((one) => one.key === chosen) ?? choices[0]
  const of = choice && { sku_id: choice.series.sku_id, warehouse_id: choice.series.warehouse_id }
  const series = useTable<Forecast>(PATHS.forecasts, { ...of, limit: 100 }, undefined, of !== undefined)
  const query = of ? series : first
  const scope = useScope(query.data, 'run', false)
  return (
    <DataPanel
      title={t.forecast}
      scope={scope}
      query={query}
      rows={(page) => page.data}
      columns={COLUMNS.forecasts as Column<Forecast>[]}
      empty={t.noForecast}
      className="xl:col-span-2"
      {...(choice && { drilldown: `forecasts:${choice.key}` })}
      choice={
        choices.length > 0 && (
          <Select label={t.series} value={choice?.key ?? ''} onChange={(event) => setChosen(event.target.value)}>
            {choices.map((one) => (
              <option key={one.key} value={one.key}>
                {one.name}
              </option>
            ))}
          </Select>
        )
      }
      chart={(rows) => (
        <Band
          label={t.forecast}
          points={rows.map((row) => ({
            at: row.forecast_date,
            value: row.expected_quantity,
            low: row.quantity_p05,
            high: row.quantity_p95,
          }))}
          names={{ value: t.expected, band: t.interval }}
          writeAt={format.shortDay}
          write={(value) => format.decimal(value)}
          writeBand={(low, high) => t.intervalOf(format.decimal(low), format.decimal(high))}
        />
      )}
    />
  )
}
