/** Orders as they are placed and move on. */

import { Pause, Play } from 'lucide-react'
import { useState } from 'react'
import { useLiveOrders, type TickerOrder } from '../../api/liveData'
import * as format from '../../format/format'
import { Button, IconButton } from '../../parts/controls'
import { Loaded } from '../../parts/Loaded'
import { Panel } from '../../parts/Panel'
import { useSearch } from '../../state/search'
import { useShop } from '../../state/shop'
import { texts } from '../../texts'

const t = texts.overview

export function Ticker() {
  const { query, connection } = useLiveOrders()
  const [frozen, setFrozen] = useState<TickerOrder[] | null>(null)
  const [, change] = useSearch()
  const orders = frozen ?? query.data?.data ?? []
  return (
    <Panel
      title={t.ticker}
      className="max-h-[22rem] overflow-hidden"
      actions={
        <>
          <Status connection={connection} />
          <Button aria-label={texts.table.rowsOf(t.ticker)} onClick={() => change({ rows: 'orders' })}>
            {texts.table.rows}
          </Button>
          <IconButton label={frozen ? t.resume : t.pause} onClick={() => setFrozen(frozen ? null : orders)}>
            {frozen ? <Play size={16} aria-hidden /> : <Pause size={16} aria-hidden />}
          </IconButton>
        </>
      }
    >
      <Loaded query={query} isEmpty={() => orders.length === 0} empty={t.noOrders}>
        {() => <Orders orders={orders} />}
      </Loaded>
    </Panel>
  )
}

function Status({ connection }: { connection: 'open' | 'connecting' | 'closed' }) {
  return (
    <span className="mr-1 inline-flex items-center gap-1.5 text-xs text-soft">
      <span
        aria-hidden
        className={`size-2 rounded-full ${connection === 'open' ? 'bg-accent-line' : 'bg-muted'}`}
      />
      {t.connection[connection]}
    </span>
  )
}

function Orders({ orders }: { orders: readonly TickerOrder[] }) {
  const { timeZone, currency } = useShop()
  const [shownAt] = useState(() => Date.now())
  return (
    // It scrolls, so that it must be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <ol aria-label={t.ticker} tabIndex={0} className="-mx-1 flex-1 overflow-y-auto px-1">
      {orders.map((order) => (
        <li
          key={order.order_id}
          data-order={order.order_id}
          className={`grid grid-cols-[1fr_auto] gap-x-3 border-b border-line/60 py-1.5 last:border-0 ${
            (order.arrivedAt ?? 0) > shownAt ? 'arrived' : ''
          }`}
        >
          <span className="truncate">
            {order.city} <span className="text-soft">· {format.label(order.channel)}</span>
          </span>
          <data value={order.total_amount ?? ''} className="text-right font-medium">
            {format.money(order.total_amount, currency)}
          </data>
          <span className="text-xs text-soft">
            {format.clock(order.ordered_at, timeZone)} · #{order.order_id}
          </span>
          <span className="text-right text-xs text-soft">{format.label(order.status)}</span>
        </li>
      ))}
    </ol>
  )
}
