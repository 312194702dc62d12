/** The rows behind a card or a panel, page by page, and their export as a whole. */

import { Download, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { allRows } from '../api/client'
import { usePages } from '../api/queries'
import { csv, save } from '../format/csv'
import * as format from '../format/format'
import { drilldownOf, type Drilldown } from '../state/drilldowns'
import { useSearch } from '../state/search'
import { useShop } from '../state/shop'
import { texts } from '../texts'
import { Button, IconButton } from './controls'
import { Loaded } from './Loaded'
import { useScope } from './Panel'
import { Table } from './Table'

export function RowsDialog() {
  const [search, change] = useSearch()
  const shop = useShop()
  const found = search.rows === null ? null : drilldownOf(search.rows, shop)
  return found && <Rows key={search.rows} drilldown={found} onClose={() => change({ rows: null })} />
}

function Rows({ drilldown, onClose }: { drilldown: Drilldown; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const query = usePages<Record<string, format.Value>>(drilldown.path, drilldown.parameters)
  const scope = useScope(query.data?.pages[0], drilldown.covers, drilldown.columns.some((one) => one.kind === 'money'))
  useEffect(() => dialog.current?.showModal(), [])
  const rows = query.data?.pages.flatMap((page) => page.data) ?? []
  return (
    <dialog
      ref={dialog}
      onClose={onClose}
      aria-label={drilldown.title}
      className="max-h-[90dvh] w-[min(70rem,calc(100vw-1rem))] rounded-lg border border-line p-4 sm:p-5"
    >
      <header className="mb-3 flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <h2 className="text-base font-semibold">{drilldown.title}</h2>
          <p className="text-xs text-soft">{scope}</p>
        </div>
        {rows.length > 0 && <Export drilldown={drilldown} />}
        <IconButton label={texts.table.close} onClick={() => dialog.current?.close()}>
          <X size={18} aria-hidden />
        </IconButton>
      </header>
      <Loaded query={query} isEmpty={() => rows.length === 0}>
        {() => (
          <>
            <Table label={drilldown.title} rows={rows} columns={drilldown.columns} height="max-h-[65dvh]" />
            <footer className="mt-3 flex items-center gap-3 text-xs text-soft">
              {texts.table.count(format.count(rows.length), !query.hasNextPage)}
              {query.hasNextPage && (
                <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  {texts.table.more}
                </Button>
              )}
            </footer>
          </>
        )}
      </Loaded>
    </dialog>
  )
}

function Export({ drilldown }: { drilldown: Drilldown }) {
  const [state, setState] = useState<'ready' | 'running' | 'failed'>('ready')
  const write = async () => {
    setState('running')
    try {
      const { data: rows } = await allRows<Record<string, format.Value>>(drilldown.path, drilldown.parameters)
      save(`${drilldown.title}.csv`, csv(rows, drilldown.columns))
      setState('ready')
    } catch {
      setState('failed')
    }
  }
  return (
    <Button disabled={state === 'running'} onClick={() => void write()}>
      <Download size={15} aria-hidden />
      {state === 'running' ? texts.table.exporting : state === 'failed' ? texts.state.retry : texts.table.csv}
    </Button>
  )
}
