/** A panel of a tab: its title, what its figures cover, its actions, and its content. */

import { Download } from 'lucide-react'
import { useId, useState, type ReactNode } from 'react'
import type { Envelope } from '../api/client'
import type { Column } from '../format/columns'
import { csv, save } from '../format/csv'
import * as format from '../format/format'
import { lengthOf } from '../state/period'
import { useSearch } from '../state/search'
import { useShop } from '../state/shop'
import { texts } from '../texts'
import { Button, IconButton, Segments } from './controls'
import { Loaded, type Answered } from './Loaded'
import { Table } from './Table'

export function Panel({
  title,
  scope,
  actions,
  className = '',
  children,
}: {
  title: string
  scope?: string | undefined
  actions?: ReactNode
  className?: string
  children: ReactNode
}) {
  const id = useId()
  return (
    <section
      aria-labelledby={id}
      className={`flex min-w-0 flex-col rounded-lg border border-line bg-surface p-4 ${className}`}
    >
      <header className="mb-3 flex flex-wrap items-start justify-between gap-x-3 gap-y-2">
        <div className="min-w-0">
          <h2 id={id} className="text-[15px] leading-6 font-semibold">
            {title}
          </h2>
          {scope && <p className="text-xs text-soft">{scope}</p>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-1">{actions}</div>}
      </header>
      {children}
    </section>
  )
}

/** `periodOfShop`: what the filters for channel and country do not restrict; `months`: the same of the period's whole months. */
export type Covered = 'period' | 'periodOfShop' | 'months' | 'allTime' | 'live' | 'run'

/** What the figures of an answer cover, in words: all time, whole shop, as of, the currency. */
export function useScope(answer: Envelope | undefined, kind: Covered, hasMoney = true): string {
  const { period, isFiltered, timeZone } = useShop()
  const covered =
    kind === 'period' || kind === 'periodOfShop'
      ? `${format.day(period.from)} – ${format.day(period.to)}`
      : kind === 'months'
        ? `${format.month(period.from)} – ${format.month(period.to)}`
        : texts.scope[kind]
  const parts = [
    covered,
    ...(kind !== 'period' && isFiltered ? [texts.scope.unfiltered] : []),
    ...(hasMoney && answer?.currency ? [texts.scope.amounts(answer.currency)] : []),
    ...(kind !== 'live' && answer?.as_of ? [texts.scope.asOf(format.moment(answer.as_of, timeZone))] : []),
  ]
  return parts.join(' · ')
}

/** The period in words, with the one that it is compared with. */
export function usePeriodNote(): string {
  const { period } = useShop()
  return `${format.day(period.from)} – ${format.day(period.to)}, ${texts.kpi.against(lengthOf(period))}`
}

/** A panel over rows: as a chart or as a table, with their export and the way to all rows. */
export function DataPanel<Data extends Envelope, Row extends object>({
  title,
  scope,
  query,
  rows,
  columns,
  chart,
  empty,
  height = 'h-64',
  drilldown,
  choice,
  className,
}: {
  title: string
  scope: string
  query: Answered<Data>
  rows: (data: Data) => readonly Row[]
  columns: readonly Column<Row>[]
  chart?: (rows: readonly Row[], data: Data) => ReactNode
  empty?: string
  height?: string
  /** Which rows `All rows` opens. */
  drilldown?: string
  /** What else can be chosen, before the other actions. */
  choice?: ReactNode
  className?: string
}) {
  const [view, setView] = useState<'chart' | 'table'>(chart ? 'chart' : 'table')
  const [, change] = useSearch()
  const found = query.data ? rows(query.data) : []
  const actions = (
    <>
      {choice}
      {chart && found.length > 0 && (
        <Segments
          label={texts.table.view(title)}
          choices={[
            { value: 'chart', label: texts.table.showChart },
            { value: 'table', label: texts.table.showTable },
          ]}
          value={view}
          onChoose={setView}
        />
      )}
      {drilldown && (
        <Button aria-label={texts.table.rowsOf(title)} onClick={() => change({ rows: drilldown })}>
          {texts.table.rows}
        </Button>
      )}
      {found.length > 0 && (
        <IconButton label={texts.table.csvOf(title)} onClick={() => save(`${title}.csv`, csv(found, columns))}>
          <Download size={16} aria-hidden />
        </IconButton>
      )}
    </>
  )
  return (
    <Panel title={title} scope={scope} actions={actions} {...(className && { className })}>
      <Loaded query={query} isEmpty={() => found.length === 0} height={chart ? height : 'h-40'} {...(empty && { empty })}>
        {(data) =>
          chart && view === 'chart' ? (
            chart(found, data)
          ) : (
            <Table label={title} rows={found} columns={columns} height={chart ? height : 'max-h-96'} />
          )
        }
      </Loaded>
    </Panel>
  )
}
