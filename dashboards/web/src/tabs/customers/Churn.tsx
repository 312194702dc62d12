/** Who is about to leave: by what buyers did, and by what the model expects of them. */

import type { ChurnSigns, CustomerScore } from '../../api/marts'
import { PATHS } from '../../api/queries'
import type { Column } from '../../format/columns'
import { ChoiceTable, unlessAll } from '../../parts/ChoiceTable'
import { COLUMNS } from '../../state/drilldowns'
import { texts } from '../../texts'

const t = texts.customers
/** The status is what is chosen. */
const CHURN = COLUMNS.churn.filter(({ key }) => key !== 'churn_status' && key !== 'tier') as Column<ChurnSigns>[]

export function Churn() {
  return (
    <ChoiceTable
      title={t.churn}
      path={PATHS.churn}
      columns={CHURN}
      covers="allTime"
      label={t.churnStatus}
      choices={t.churnStatuses}
      first="at_risk"
      parameters={(churn_status) => ({ churn_status })}
      drilldown={(status) => `churn:${status}`}
      empty={t.noChurn}
    />
  )
}

export function Scores() {
  return (
    <ChoiceTable
      title={t.scores}
      path={PATHS.customerScores}
      columns={COLUMNS.customerScores as Column<CustomerScore>[]}
      covers="run"
      label={t.scoreSegment}
      choices={t.scoreSegments}
      first="all"
      parameters={(segment) => ({ segment: unlessAll(segment) })}
      drilldown={(segment) => (segment === 'all' ? 'scores' : `scores:${segment}`)}
      empty={t.noScores}
    />
  )
}
