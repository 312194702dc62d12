/** One card per warehouse: how full, what is missing, how it delivers. */

import type { WarehouseStatus } from '../../api/marts'
import { PATHS, useTable } from '../../api/queries'
import * as format from '../../format/format'
import { Loaded } from '../../parts/Loaded'
import { Panel, useScope } from '../../parts/Panel'
import { texts } from '../../texts'

const t = texts.operations
const FULL = 0.9

export function Warehouses() {
  const query = useTable<WarehouseStatus>(PATHS.warehouses)
  const scope = useScope(query.data, 'allTime', false)
  return (
    <Panel title={t.warehouses} scope={scope} className="xl:col-span-2">
      <Loaded query={query} isEmpty={(page) => page.data.length === 0}>
        {(page) => (
          <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3 2xl:grid-cols-4">
            {page.data.map((warehouse) => (
              <Card key={warehouse.warehouse_id} warehouse={warehouse} />
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  )
}

function Card({ warehouse }: { warehouse: WarehouseStatus }) {
  const used = warehouse.utilization_rate
  const place = [warehouse.city, warehouse.country && format.country(warehouse.country)].filter(Boolean).join(', ')
  return (
    <li className="rounded-md border border-line p-3">
      <p className="truncate font-medium">{warehouse.warehouse_name}</p>
      <p className="text-xs text-soft">{warehouse.is_active ? place : `${place} · ${t.inactive}`}</p>
      <div className="mt-3 flex items-baseline justify-between text-xs">
        <span className="text-soft">{t.utilization}</span>
        <data value={String(used ?? '')} className="font-medium">
          {format.rate(used)}
        </data>
      </div>
      <div aria-hidden className="mt-1 h-1.5 rounded-full bg-raised">
        <div
          className={`h-full rounded-full ${used !== null && used > FULL ? 'bg-warn' : 'bg-accent-line'}`}
          style={{ width: `${Math.min(100, 100 * (used ?? 0))}%` }}
        />
      </div>
      <dl className="mt-3 grid grid-cols-[1fr_auto] gap-y-1 text-xs">
        <Line name={t.pieces} value={format.count(warehouse.piece_count)} />
        <Line name={t.stockOuts} value={format.count(warehouse.stock_out_count)} isBad={warehouse.stock_out_count > 0} />
        <Line name={t.safety} value={format.count(warehouse.below_safety_stock_count)} />
        <Line name={t.late} value={format.rate(warehouse.late_delivery_rate)} />
        <Line name={t.deliveryDays} value={format.decimal(warehouse.median_delivery_days)} />
      </dl>
    </li>
  )
}

function Line({ name, value, isBad = false }: { name: string; value: string; isBad?: boolean }) {
  return (
    <>
      <dt className="text-soft">{name}</dt>
      <dd className={`text-right font-medium ${isBad ? 'text-bad' : ''}`}>{value}</dd>
    </>
  )
}
