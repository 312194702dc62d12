/** The rows that cards and panels open, by the name that stands in the page's address. */

import type { Parameters } from '../api/client'
import type {
  CategoryMonth,
  CheckResult,
  Customer,
  DailyGmv,
  FlashSale,
  LiveOrder,
  MartFreshness,
  Product,
  Seller,
  StockAlert,
  StuckOrder,
} from '../api/marts'
import { PATHS } from '../api/queries'
import type { Column } from '../format/columns'
import { label, type Value } from '../format/format'
import { texts } from '../texts'
import type { Shop } from './shop'

const c = texts.columns

export interface Drilldown {
  title: string
  path: string
  parameters: Parameters
  columns: readonly Column<Record<string, Value>>[]
  covers: 'period' | 'allTime' | 'live'
}

export const COLUMNS = {
  daily: [
    { key: 'order_date', label: c.day, kind: 'day' },
    { key: 'placed_order_count', label: c.placed, kind: 'count' },
    { key: 'order_count', label: c.orders, kind: 'count' },
    { key: 'cancelled_order_count', label: c.cancelled, kind: 'count' },
    { key: 'unique_buyers', label: c.buyers, kind: 'count' },
    { key: 'item_count', label: c.units, kind: 'count' },
    { key: 'gmv', label: c.gmv, kind: 'money' },
    { key: 'avg_order_value', label: c.average, kind: 'money' },
    { key: 'cancellation_rate', label: c.cancellationRate, kind: 'rate' },
  ] satisfies Column<DailyGmv>[],
  orders: [
    { key: 'order_id', label: c.order, kind: 'text' },
    { key: 'ordered_at', label: c.placedAt, kind: 'moment' },
    { key: 'city', label: c.city, kind: 'text' },
    { key: 'channel', label: c.channel, kind: 'label' },
    { key: 'status', label: c.status, kind: 'label' },
    { key: 'total_amount', label: c.amount, kind: 'money' },
  ] satisfies Column<LiveOrder>[],
  products: [
    { key: 'gmv_rank', label: c.rank, kind: 'count' },
    { key: 'product_name', label: c.product, kind: 'text' },
    { key: 'department', label: c.department, kind: 'text' },
    { key: 'category', label: c.category, kind: 'text' },
    { key: 'units_sold', label: c.units, kind: 'count' },
    { key: 'order_count', label: c.orders, kind: 'count' },
    { key: 'gmv', label: c.gmv, kind: 'money' },
    { key: 'gross_margin', label: c.margin, kind: 'money' },
    { key: 'return_count', label: c.returns, kind: 'count' },
    { key: 'rating_avg', label: c.rating, kind: 'rating' },
    { key: 'last_sold_date', label: c.lastSold, kind: 'day' },
  ] satisfies Column<Product>[],
  categories: [
    { key: 'month_start_date', label: c.month, kind: 'month' },
    { key: 'department', label: c.department, kind: 'text' },
    { key: 'category', label: c.category, kind: 'text' },
    { key: 'order_count', label: c.orders, kind: 'count' },
    { key: 'units_sold', label: c.units, kind: 'count' },
    { key: 'gmv', label: c.gmv, kind: 'money' },
    { key: 'previous_month_gmv', label: c.previousGmv, kind: 'money' },
    { key: 'gmv_growth_rate', label: c.growth, kind: 'change' },
  ] satisfies Column<CategoryMonth>[],
  customers: [
    { key: 'user_id', label: c.customer, kind: 'text' },
    { key: 'rfm_segment', label: c.segment, kind: 'label' },
    { key: 'tier', label: c.tier, kind: 'label' },
    { key: 'country', label: c.country, kind: 'country' },
    { key: 'recency_score', label: c.scores.recency, kind: 'count' },
    { key: 'frequency_score', label: c.scores.frequency, kind: 'count' },
    { key: 'monetary_score', label: c.scores.monetary, kind: 'count' },
    { key: 'order_count', label: c.orders, kind: 'count' },
    { key: 'gmv', label: c.gmv, kind: 'money' },
    { key: 'avg_order_value', label: c.average, kind: 'money' },
    { key: 'first_order_date', label: c.firstOrder, kind: 'day' },
    { key: 'last_order_date', label: c.lastOrder, kind: 'day' },
  ] satisfies Column<Customer>[],
  sellers: [
    { key: 'gmv_rank', label: c.rank, kind: 'count' },
    { key: 'seller_name', label: c.seller, kind: 'text' },
    { key: 'tier', label: c.tier, kind: 'label' },
    { key: 'country', label: c.country, kind: 'country' },
    { key: 'order_count', label: c.orders, kind: 'count' },
    { key: 'units_sold', label: c.units, kind: 'count' },
    { key: 'gmv', label: c.gmv, kind: 'money' },
    { key: 'commission', label: c.commission, kind: 'money' },
    { key: 'avg_order_value', label: c.average, kind: 'money' },
    { key: 'cancellation_rate', label: c.cancellationRate, kind: 'rate' },
    { key: 'late_delivery_rate', label: c.lateRate, kind: 'rate' },
    { key: 'median_fulfillment_days', label: c.days, kind: 'decimal' },
    { key: 'rating_avg', label: c.rating, kind: 'rating' },
    { key: 'review_count', label: c.reviews, kind: 'count' },
  ] satisfies Column<Seller>[],
  stuckOrders: [
    { key: 'order_id', label: c.order, kind: 'text' },
    { key: 'ordered_at', label: c.placedAt, kind: 'moment' },
    { key: 'minutes_pending', label: c.minutes, kind: 'count' },
    { key: 'city', label: c.city, kind: 'text' },
    { key: 'channel', label: c.channel, kind: 'label' },
    { key: 'total_amount', label: c.amount, kind: 'money' },
  ] satisfies Column<StuckOrder>[],
  stockAlerts: [
    { key: 'sku_code', label: c.sku, kind: 'text' },
    { key: 'product_name', label: c.product, kind: 'text' },
    { key: 'warehouse_name', label: c.warehouse, kind: 'text' },
    { key: 'quantity', label: c.onHand, kind: 'count' },
    { key: 'safety_stock', label: c.safety, kind: 'count' },
    { key: 'is_below_safety_stock', label: c.belowSafety, kind: 'flag' },
    { key: 'outflow_24h', label: c.outflow, kind: 'count' },
    { key: 'hours_left', label: c.hoursLeft, kind: 'decimal' },
  ] satisfies Column<StockAlert>[],
  flashSales: [
    { key: 'product_name', label: c.product, kind: 'text' },
    { key: 'sold_count', label: c.units, kind: 'count' },
    { key: 'sold_rate', label: c.status, kind: 'rate' },
  ] satisfies Column<FlashSale>[],
  checks: [
    { key: 'check_name', label: c.check, kind: 'text' },
    { key: 'table_name', label: c.table, kind: 'text' },
    { key: 'status', label: c.status, kind: 'label' },
    { key: 'failed_row_count', label: c.count, kind: 'count' },
    { key: 'message', label: c.message, kind: 'text' },
    { key: 'checked_at', label: c.checkedAt, kind: 'moment' },
  ] satisfies Column<CheckResult>[],
  freshness: [
    { key: 'mart', label: c.mart, kind: 'text' },
    { key: 'newest_commit_at', label: c.commit, kind: 'moment' },
    { key: 'complete_until', label: c.complete, kind: 'moment' },
    { key: 'seconds_behind', label: c.behind, kind: 'decimal' },
    { key: 'is_stale', label: c.stale, kind: 'flag' },
  ] satisfies Column<MartFreshness>[],
}

type Make = (restriction: string | undefined, shop: Shop) => Drilldown

const any = (columns: readonly unknown[]) => columns as readonly Column<Record<string, Value>>[]

const DRILLDOWNS: Record<string, Make> = {
  days: (_, shop) => ({
    title: texts.overview.gmv,
    path: PATHS.daily,
    parameters: { from: shop.period.from, to: shop.period.to },
    columns: any(COLUMNS.daily),
    covers: 'period',
  }),
  orders: () => ({
    title: texts.overview.ticker,
    path: PATHS.liveOrders,
    parameters: {},
    columns: any(COLUMNS.orders),
    covers: 'live',
  }),
  products: () => ({
    title: texts.products.performance,
    path: PATHS.products,
    parameters: {},
    columns: any(COLUMNS.products),
    covers: 'allTime',
  }),
  categories: () => ({
    title: texts.products.trendsTable,
    path: PATHS.categories,
    parameters: {},
    columns: any(COLUMNS.categories),
    covers: 'allTime',
  }),
  customers: (segment) => ({
    title: segment ? texts.customers.inSegment(label(segment)) : texts.customers.everyone,
    path: PATHS.customers,
    parameters: { rfm_segment: segment },
    columns: any(COLUMNS.customers),
    covers: 'allTime',
  }),
  sellers: (tier) => ({
    title: texts.sellers.scorecard,
    path: PATHS.sellers,
    parameters: { tier },
    columns: any(COLUMNS.sellers),
    covers: 'allTime',
  }),
  stuck: () => ({
    title: texts.operations.stuck,
    path: PATHS.stuckOrders,
    parameters: {},
    columns: any(COLUMNS.stuckOrders),
    covers: 'live',
  }),
  checks: (status) => ({
    title: texts.quality.checks,
    path: PATHS.checks,
    parameters: { status },
    columns: any(COLUMNS.checks),
    covers: 'live',
  }),
  stock: (restriction) => ({
    title: restriction ? texts.operations.safety : texts.operations.alerts,
    path: PATHS.stockAlerts,
    parameters: { is_below_safety_stock: restriction && 'true' },
    columns: any(COLUMNS.stockAlerts),
    covers: 'live',
  }),
}

/** What `rows=customers:champions` opens; null if it is not known. */
export function drilldownOf(name: string, shop: Shop): Drilldown | null {
  const [kind = '', restriction] = name.split(/:(.*)/s)
  const make = Object.hasOwn(DRILLDOWNS, kind) ? DRILLDOWNS[kind] : undefined
  return make ? make(restriction || undefined, shop) : null
}
