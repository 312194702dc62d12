/** Live orders and figures: the table once, then each change as it comes. */

import { useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { Page } from './client'
import { useFeed, type Connection } from './live'
import type { LiveKpi, LiveOrder, MartFreshness } from './marts'
import { EVERY, PATHS, useTable } from './queries'

const MOST_ORDERS = 100
const ORDERS_KEY = ['table', PATHS.liveOrders, {}]
const KPI_KEY = ['table', PATHS.liveKpi, {}]

/** An order of the ticker, and when it came while the page was open (milliseconds). */
export type TickerOrder = LiveOrder & { arrivedAt?: number }

/** The orders with a new or changed one among them, the latest first. */
export function withOrder(orders: readonly TickerOrder[], order: TickerOrder): TickerOrder[] {
  const others = orders.filter((one) => one.order_id !== order.order_id)
  const place = others.findIndex((one) => isBefore(one, order))
  return others.toSpliced(place < 0 ? others.length : place, 0, order).slice(0, MOST_ORDERS)
}

function isBefore(one: TickerOrder, other: TickerOrder): boolean {
  const [left, right] = [Date.parse(one.ordered_at), Date.parse(other.ordered_at)]
  return left < right || (left === right && one.order_id < other.order_id)
}

export function useLiveOrders(): { query: UseQueryResult<Page<TickerOrder>>; connection: Connection } {
  const client = useQueryClient()
  const query = useTable<TickerOrder>(PATHS.liveOrders, {}, 60_000)
  const onMessage = useCallback(
    (message: { position: number; order: LiveOrder }) =>
      client.setQueryData<Page<TickerOrder>>(
        ORDERS_KEY,
        (page) => page && { ...page, data: withOrder(page.data, { ...message.order, arrivedAt: Date.now() }) },
      ),
    [client],
  )
  const onGap = useCallback(() => void client.invalidateQueries({ queryKey: ORDERS_KEY }), [client])
  return { query, connection: useFeed('/ws/live-orders', onMessage, onGap) }
}

export function useLiveKpi(): UseQueryResult<Page<LiveKpi>> {
  const client = useQueryClient()
  const query = useTable<LiveKpi>(PATHS.liveKpi, {}, EVERY.live)
  const onMessage = useCallback(
    (message: { position: number; kpi: LiveKpi }) =>
      client.setQueryData<Page<LiveKpi>>(KPI_KEY, (page) => page && { ...page, data: [message.kpi] }),
    [client],
  )
  const onGap = useCallback(() => void client.invalidateQueries({ queryKey: KPI_KEY }), [client])
  useFeed('/ws/live-kpi', onMessage, onGap)
  return query
}

/** How far the live figures are behind, asked for in one question with the other marts. */
export function useLiveFreshness() {
  const { data, error } = useTable<MartFreshness>(PATHS.freshness, {}, EVERY.freshness)
  return { data, error, mart: data?.data.find((row) => row.mart === 'v_live_kpi') }
}
