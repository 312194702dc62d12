/** Orders that are likely fraud, with what raises their score. */

import type { FraudScore } from '../api/marts'
import { PATHS, useAllRows } from '../api/queries'
import type { Column } from '../format/columns'
import * as format from '../format/format'
import { Kpi, Kpis } from '../parts/Kpi'
import { DataPanel, useScope } from '../parts/Panel'
import { COLUMNS } from '../state/drilldowns'
import { scoredSince, useShop } from '../state/shop'
import { texts } from '../texts'

const t = texts.risk

/** What is to be looked at, the likeliest first; blocked before reviewed where the score is the same. */
export function queueOf(block: readonly FraudScore[], review: readonly FraudScore[]): FraudScore[] {
  return [...block, ...review].toSorted((one, other) => other.score - one.score)
}

export function Risk() {
  const from = scoredSince(useShop())
  const block = useAllRows<FraudScore>(PATHS.fraud, { decision: 'block', from })
  const review = useAllRows<FraudScore>(PATHS.fraud, { decision: 'review', from })
  const scope = useScope(block.data, 'run', false)
  const highest = queueOf(block.data?.data ?? [], review.data?.data ?? [])[0]?.score
  return (
    <div className="grid gap-4">
      <Kpis title={t.state} note={t.since(format.day(from))}>
        <Kpi label={t.block} value={block.data?.data.length} unit="count" drilldown="fraud:block" />
        <Kpi label={t.review} value={review.data?.data.length} unit="count" drilldown="fraud:review" />
        <Kpi label={t.highest} value={highest} unit="rate" hint={t.scoreHint} />
      </Kpis>
      <DataPanel
        title={t.queue}
        scope={scope}
        query={block}
        rows={(page) => queueOf(page.data, review.data?.data ?? [])}
        columns={COLUMNS.fraud as Column<FraudScore>[]}
        empty={t.noQueue}
        drilldown="fraud"
      />
    </div>
  )
}
