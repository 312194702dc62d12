/** A card with one figure, what it was before, and how it went. */

import { ArrowDownRight, ArrowRight, ArrowUpRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { useMetric, type Question } from '../api/queries'
import type { Value } from '../format/format'
import * as format from '../format/format'
import { useSearch } from '../state/search'
import { useShop } from '../state/shop'
import { texts } from '../texts'
import { Loaded } from './Loaded'
import { Sparkline } from './Sparkline'

export type Unit = 'money' | 'count' | 'rate' | 'decimal'

export interface Comparison {
  value: Value
  /** With what it is compared: vs yesterday. */
  what: string
}

export interface KpiProps {
  label: string
  value: Value
  unit: Unit
  hint?: string | undefined
  comparisons?: readonly Comparison[]
  trend?: readonly number[]
  /** More is worse: a rise is shown in red. */
  isBadWhenHigh?: boolean
  /** Which rows it opens. */
  drilldown?: string | undefined
}

const CARD = 'flex min-w-0 flex-col items-stretch gap-0.5 rounded-lg border border-line bg-surface p-3 text-left sm:p-4'

/** Cards side by side, in as many columns as there is room for. */
export function Kpis({ title, note, children }: { title: string; note?: string | undefined; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2 className="mb-2 flex flex-wrap items-baseline gap-x-2 text-[13px] font-medium">
        {title}
        {note && <span className="text-xs font-normal text-soft">{note}</span>}
      </h2>
      <div className="grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-[repeat(auto-fit,minmax(10rem,1fr))]">{children}</div>
    </section>
  )
}

export function Kpi({ label, value, unit, hint, comparisons, trend, isBadWhenHigh = false, drilldown }: KpiProps) {
  const [, change] = useSearch()
  const { currency } = useShop()
  const figure = unit === 'money' ? format.money(value, currency) : format[unit](value)
  const content = (
    <>
      <span className="text-[13px] text-soft">{label}</span>
      <data value={String(value ?? '')} className={`block leading-tight font-semibold ${sizeOf(figure)}`}>
        {figure}
      </data>
      {hint && <span className="text-xs text-soft">{hint}</span>}
      {comparisons?.map((one) => (
        <Change key={one.what} now={value} comparison={one} unit={unit} isBadWhenHigh={isBadWhenHigh} />
      ))}
      {trend && (
        <span className="mt-auto block pt-2">
          <Sparkline values={trend} label={texts.kpi.trend(label)} />
        </span>
      )}
    </>
  )
  if (!drilldown) return <div data-card className={CARD}>{content}</div>
  return (
    <button type="button" data-card className={`${CARD} hover:border-accent-line`} onClick={() => change({ rows: drilldown })}>
      {content}
    </button>
  )
}

/** A metric of the period against the one before; with a question of its own, over what that covers.
 *
 * `asked`: the question for the period, where the metric does not know all filters.
 */
export function MetricKpi({
  name,
  question,
  asked,
  ...rest
}: { name: string; question?: Question; asked?: Question } & Omit<KpiProps, 'value' | 'comparisons'>) {
  const shop = useShop()
  const query = useMetric(name, question ?? asked ?? { ...shop.question, compare: 'previous' })
  return (
    <Loaded query={query} height="h-24">
      {({ data: [row] }) => (
        <Kpi
          {...rest}
          value={row?.[name]}
          comparisons={question ? [] : [{ value: row?.previous, what: texts.kpi.previous }]}
        />
      )}
    </Loaded>
  )
}

/** Long figures are set smaller, so that they keep to one line on a phone. */
function sizeOf(figure: string): string {
  return figure.length > 13 ? 'text-base sm:text-xl' : figure.length > 9 ? 'text-lg sm:text-2xl' : 'text-2xl'
}

function Change({
  now,
  comparison: { value: before, what },
  unit,
  isBadWhenHigh,
}: {
  now: Value
  comparison: Comparison
  unit: Unit
  isBadWhenHigh: boolean
}) {
  const difference = Number(now) - Number(before)
  const rate = format.changeOf(now, before)
  if (rate === null) {
    return (
      <span className="text-xs text-soft">
        {format.NONE} {what}
      </span>
    )
  }
  const Arrow = difference > 0 ? ArrowUpRight : difference < 0 ? ArrowDownRight : ArrowRight
  const tone = difference === 0 ? 'text-soft' : difference > 0 !== isBadWhenHigh ? 'text-good' : 'text-bad'
  return (
    <span className="flex flex-wrap items-baseline gap-x-1 text-xs text-soft">
      <span className={`inline-flex items-baseline gap-0.5 font-medium ${tone}`}>
        <Arrow size={12} aria-hidden className="self-center" />
        {unit === 'rate' ? format.points(difference) : format.change(rate)}
      </span>
      {what}
    </span>
  )
}
