/** What all tabs share: the shop's clock, its currency, the period and the filters. */

import { createContext, useContext } from 'react'
import { EVERY, PATHS, useMetric, useTable, type Question } from '../api/queries'
import type { DailyGmv, LiveKpi } from '../api/marts'
import { dayIn, lastDays, lengthOf, plusDays, type Period } from './period'
import type { Search } from './search'

export interface Shop {
  timeZone: string
  currency: string | null
  /** The day that the shop's calendar has now. */
  today: string
  /** The first and the last day with orders; null without any. */
  extent: Period | null
  period: Period
  /** Conditions for metrics: those of the filters for channel and country. */
  where: readonly string[]
  /** The question for the period and the filters. */
  question: Question
  isFiltered: boolean
}

export const ShopContext = createContext<Shop | null>(null)

export function useShop(): Shop {
  const shop = useContext(ShopContext)
  if (shop === null) throw new Error('ShopContext is missing above this component')
  return shop
}

/** The conditions that the filters mean. */
export function conditions(search: Pick<Search, 'channel' | 'country'>): string[] {
  return [
    ...(search.channel ? [`channel=${search.channel}`] : []),
    ...(search.country ? [`country=${search.country}`] : []),
  ]
}

/** The period that an address means: its own, or the last days that have data. */
export function periodOf(search: Search, lastDay: string): Period {
  if (search.from !== null && search.to !== null) return { from: search.from, to: search.to }
  return lastDays(search.range, lastDay)
}

/** The period of the same length just before. */
export function before(period: Period): Period {
  const to = plusDays(period.from, -1)
  return { from: plusDays(to, 1 - lengthOf(period)), to }
}

const SCORED_DAYS = 30

/** From when on payments are looked at for fraud: the last days that have orders, from midnight UTC. */
export function scoredSince({ extent, today }: Pick<Shop, 'extent' | 'today'>): string {
  return `${plusDays(extent?.to ?? today, -SCORED_DAYS)}T00:00:00Z`
}

const NEAR_DAYS = 30

/** The last day with data: today once it has live orders, unless those that a build has seen are of long ago. */
export function lastDayOf(
  built: string | undefined,
  kpi: Pick<LiveKpi, 'reporting_date' | 'order_count_today'> | undefined,
  today: string,
): string | undefined {
  const isNear = built === undefined || plusDays(built, NEAR_DAYS) >= today
  return isNear && kpi?.reporting_date === today && kpi.order_count_today > 0 ? today : built
}

/** What the tabs share; null as long as it is not known.
 *
 * From and to of the data: by month from a metric, whose answer also has the clock and the currency, and the last day
 * from the days of the last month, or today with its live orders.
 */
export function useShopOf(search: Search): { shop: Shop | null; error: Error | null } {
  const months = useMetric('placed_order_count', { by: 'month' })
  const timeZone = months.data?.time_zone
  const today = timeZone ? dayIn(timeZone) : ''
  const known = months.data?.data.filter((row) => row.month !== null) ?? []
  const [first, last] = [known[0]?.month, known.at(-1)?.month] as [string | undefined, string | undefined]
  const isOver = last !== undefined && last.slice(0, 7) < today.slice(0, 7)
  const days = useTable<DailyGmv>(PATHS.daily, { from: last, limit: 31 }, undefined, isOver)
  const live = useTable<LiveKpi>(PATHS.liveKpi, {}, EVERY.live, isOver)
  const isAsking = isOver && (!days.isSuccess || live.isPending)
  if (!timeZone || isAsking) return { shop: null, error: months.error ?? days.error }
  const lastDay = isOver ? lastDayOf(days.data?.data.at(-1)?.order_date, live.data?.data[0], today) : today
  const extent = first && lastDay ? { from: first, to: lastDay } : null
  const period = periodOf(search, extent?.to ?? today)
  const where = conditions(search)
  const question = { from: period.from, to: period.to, where }
  const currency = months.data?.currency ?? null
  return {
    shop: { timeZone, currency, today, extent, period, where, question, isFiltered: where.length > 0 },
    error: null,
  }
}
