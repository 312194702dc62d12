/** What sales and refunds of the period give sellers, and what of it is still open. */

import { useState } from 'react'
import type { SettlementEntry } from '../../api/marts'
import { PATHS, useTable } from '../../api/queries'
import type { Column } from '../../format/columns'
import { Select } from '../../parts/controls'
import { DataPanel, useScope } from '../../parts/Panel'
import { COLUMNS } from '../../state/drilldowns'
import { useShop } from '../../state/shop'
import { texts } from '../../texts'

const t = texts.sellers
type Status = keyof typeof t.statuses

export function Settlement() {
  const [status, setStatus] = useState<Status>('all')
  const { period } = useShop()
  const wanted = status === 'all' ? undefined : status
  const query = useTable<SettlementEntry>(PATHS.settlement, { status: wanted, from: period.from, to: period.to, limit: 50 })
  const scope = useScope(query.data, 'period', false)
  return (
    <DataPanel
      title={t.settlement}
      scope={scope}
      query={query}
      rows={(page) => page.data}
      columns={COLUMNS.settlement as Column<SettlementEntry>[]}
      empty={t.noSettlement}
      drilldown={wanted ? `settlement:${wanted}` : 'settlement'}
      className="xl:col-span-2"
      choice={
        <Select label={t.status} value={status} onChange={(event) => setStatus(event.target.value as Status)}>
          {(Object.keys(t.statuses) as Status[]).map((one) => (
            <option key={one} value={one}>
              {t.statuses[one]}
            </option>
          ))}
        </Select>
      }
    />
  )
}
