/** What sales and refunds of the period give sellers, what gateways and marketplaces owe, and what of it is still open. */

import type { PaymentClaim, SettlementEntry } from '../../api/marts'
import { PATHS } from '../../api/queries'
import type { Column } from '../../format/columns'
import { ChoiceTable, unlessAll } from '../../parts/ChoiceTable'
import { COLUMNS } from '../../state/drilldowns'
import { useShop } from '../../state/shop'
import { texts } from '../../texts'

const t = texts.sellers

/** The rows of a status that `All rows` opens. */
function rowsOf(kind: string, status: string): string {
  return status === 'all' ? kind : `${kind}:${status}`
}

export function Settlement() {
  const { from, to } = useShop().period
  return (
    <ChoiceTable
      title={t.settlement}
      path={PATHS.settlement}
      columns={COLUMNS.settlement as Column<SettlementEntry>[]}
      covers="periodOfShop"
      hasMoney={false}
      label={t.status}
      choices={t.statuses}
      first="all"
      parameters={(status) => ({ status: unlessAll(status), from, to })}
      drilldown={(status) => rowsOf('settlement', status)}
      empty={t.noSettlement}
      limit={50}
    />
  )
}

export function Claims() {
  const { from, to } = useShop().period
  return (
    <ChoiceTable
      title={t.claims}
      path={PATHS.claims}
      columns={COLUMNS.claims as Column<PaymentClaim>[]}
      covers="periodOfShop"
      hasMoney={false}
      label={t.claimStatus}
      choices={t.claimStatuses}
      first="all"
      parameters={(status) => ({ status: unlessAll(status), from, to })}
      drilldown={(status) => rowsOf('claims', status)}
      empty={t.noClaims}
      limit={50}
    />
  )
}
