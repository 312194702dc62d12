/** What the dashboard asks: one hook for tables, one for metrics by name, and how often each asks again. */

import { keepPreviousData, useInfiniteQuery, useQuery, type UseQueryResult } from '@tanstack/react-query'
import type { Value } from '../format/format'
import { allRows, ApiProblem, get, type Envelope, type Page, type Parameters } from './client'

export const PATHS = {
  daily: '/gmv/daily',
  revenue: '/revenue/daily',
  products: '/products/top',
  sellers: '/sellers/scorecard',
  customers: '/customers/rfm',
  categories: '/categories/trends',
  funnel: '/funnel',
  freshness: '/freshness',
  liveKpi: '/kpi/live',
  liveOrders: '/orders/live',
  stuckOrders: '/orders/stuck',
  stockAlerts: '/stock/alerts',
  flashSales: '/flash-sales',
  checks: '/checks',
  warehouses: '/warehouse/status',
  excludedRows: '/excluded-rows',
  fraud: '/fraud/scores',
  cohorts: '/customers/cohorts',
  lifetime: '/customers/lifetime',
  settlement: '/sellers/settlement',
  forecasts: '/forecasts/demand',
  proposals: '/stock/reorder-proposals',
  orderLines: '/margins/lines',
  alerts: '/alerts',
  claims: '/payments/reconciliation',
  attribution: '/attribution',
  vouchers: '/vouchers',
  flashSaleResults: '/flash-sales/results',
  channelMargins: '/margins/channels',
  skuMargins: '/margins/skus',
  stockHealth: '/stock/health',
  shipping: '/shipping/daily',
  returns: '/returns',
  churn: '/customers/churn',
  customerScores: '/customers/scores',
} as const

/** Milliseconds between two questions: a build changes figures now and then, the live marts every moment. */
export const EVERY = { built: 30_000, alerts: 10_000, live: 5_000, freshness: 3_000 } as const

export interface Question {
  by?: string
  from?: string
  to?: string
  where?: readonly string[]
  compare?: 'previous' | 'year'
  top?: number
}

interface MetricAnswer extends Envelope {
  metric: string
  unit: string
  columns: string[]
  data: Value[][]
}

export type MetricRow = Record<string, Value>

export interface MetricRows extends Envelope {
  data: MetricRow[]
}

/** A metric's values by group, as rows with named columns; the value's column has the metric's name. */
export function useMetric(name: string, question: Question, isWanted = true): UseQueryResult<MetricRows> {
  return useQuery({
    queryKey: ['metric', name, question],
    queryFn: async ({ signal }) => {
      const answer = await get<MetricAnswer>(`/metrics/${name}`, { ...question }, signal)
      return { ...answer, data: named(answer.columns, answer.data) }
    },
    enabled: isWanted,
    refetchInterval: EVERY.built,
    placeholderData: keepPreviousData,
  })
}

/** What a metric is of whole shop where it knows neither channels nor countries. */
export function unfiltered({ from, to }: Question): Question {
  return { ...(from && { from }), ...(to && { to }) }
}

/** Rows of several metrics joined by their group, in the order of the first one's; groups without a name are left out. */
export function joined(by: string, answers: readonly (readonly MetricRow[])[]): MetricRow[] {
  const rows = new Map<string, MetricRow>()
  for (const row of answers.flat()) {
    const group = row[by]
    if (group !== null && group !== undefined) rows.set(String(group), { ...rows.get(String(group)), ...row })
  }
  return [...rows.values()]
}

/** Rows as objects. */
export function named(columns: readonly string[], rows: readonly Value[][]): MetricRow[] {
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])))
}

/** One page of a table. */
export function useTable<Row>(
  path: string,
  parameters: Parameters = {},
  every: number = EVERY.built,
  isWanted = true,
): UseQueryResult<Page<Row>> {
  return useQuery({
    queryKey: ['table', path, parameters],
    queryFn: ({ signal }) => get<Page<Row>>(path, parameters, signal),
    enabled: isWanted,
    refetchInterval: every,
    placeholderData: keepPreviousData,
  })
}

/** A product that is recommended. */
export interface RecommendedProduct {
  product_id: number
  product_name: string | null
  department: string | null
  category: string | null
  score: number
}

/** What is recommended after a product; without one nothing is asked. */
export function useRecommended(product: number | null): UseQueryResult<Envelope & { data: RecommendedProduct[] }> {
  return useQuery({
    queryKey: ['recommended', product],
    queryFn: ({ signal }) => get<Envelope & { data: RecommendedProduct[] }>(`/recommendations/product/${product}`, {}, signal),
    enabled: product !== null,
    refetchInterval: EVERY.built,
    placeholderData: keepPreviousData,
  })
}

/** A whole table of a few thousand rows at most, for figures that count its rows. */
export function useAllRows<Row>(
  path: string,
  parameters: Parameters = {},
  every: number = EVERY.built,
): UseQueryResult<Page<Row>> {
  return useQuery({
    queryKey: ['all', path, parameters],
    queryFn: () => allRows<Row>(path, parameters),
    refetchInterval: every,
    placeholderData: keepPreviousData,
  })
}

/** A table page by page, as far as a reader has gone. */
export function usePages<Row>(path: string, parameters: Parameters) {
  return useInfiniteQuery({
    queryKey: ['pages', path, parameters],
    queryFn: ({ pageParam, signal }) =>
      get<Page<Row>>(path, { ...parameters, limit: 100, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  })
}

/** Whether to ask once more after an error: not if the question itself was refused. */
export function mayHelp(failures: number, error: Error): boolean {
  return failures < 2 && !(error instanceof ApiProblem && error.status >= 400 && error.status < 500)
}
