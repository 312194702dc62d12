/** The rows that cards and panels open, by the name that stands in the page's address. */

import type { Parameters } from '../api/client'
import type {
  BuyerValue,
  CategoryMonth,
  CheckResult,
  CohortMonth,
  Customer,
  DailyGmv,
  FlashSale,
  Forecast,
  FraudScore,
  LiveOrder,
  MartFreshness,
  OrderLine,
  Product,
  ReorderProposal,
  Seller,
  SettlementEntry,
  StockAlert,
  StuckOrder,
} from '../api/marts'
import { PATHS } from '../api/queries'
import type { Column } from '../format/columns'
import { label, type Value } from '../format/format'
import { texts } from '../texts'
import { scoredSince, type Shop } from './shop'

const c = texts.columns

export interface Drilldown {
  title: string
  path: string
  parameters: Parameters
  columns: readonly Column<Record<string, Value>>[]
  covers: 'period' | 'allTime' | 'live' | 'run'
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
  fraud: [
    { key: 'order_id', label: c.order, kind: 'text', opens: 'order' },
    { key: 'score', label: c.score, kind: 'rate' },
    { key: 'decision', label: c.decision, kind: 'label' },
    { key: 'reasons', label: c.reasons, kind: 'labels' },
    { key: 'rules', label: c.rules, kind: 'labels' },
    { key: 'anomaly_score', label: c.anomaly, kind: 'decimal' },
    { key: 'user_id', label: c.account, kind: 'text' },
    { key: 'judged_at', label: c.paidAt, kind: 'moment' },
  ] satisfies Column<FraudScore>[],
  orderLines: [
    { key: 'order_id', label: c.order, kind: 'text' },
    { key: 'order_date', label: c.day, kind: 'day' },
    { key: 'channel', label: c.channel, kind: 'label' },
    { key: 'user_id', label: c.account, kind: 'text' },
    { key: 'seller_id', label: c.seller, kind: 'text' },
    { key: 'product_id', label: c.product, kind: 'text' },
    { key: 'units', label: c.units, kind: 'count' },
    { key: 'goods_amount', label: c.goods, kind: 'money' },
    { key: 'seller_margin', label: c.sellerMargin, kind: 'money' },
    { key: 'platform_margin', label: c.platformMargin, kind: 'money' },
    { key: 'contribution_margin', label: c.totalMargin, kind: 'money' },
  ] satisfies Column<OrderLine>[],
  cohorts: [
    { key: 'cohort_month', label: c.cohortMonth, kind: 'month' },
    { key: 'order_month', label: c.orderMonth, kind: 'month' },
    { key: 'months_since_first_order', label: c.monthsSince, kind: 'count' },
    { key: 'cohort_size', label: c.cohortSize, kind: 'count' },
    { key: 'active_buyer_count', label: c.activeBuyers, kind: 'count' },
    { key: 'retention_rate', label: c.retention, kind: 'rate' },
    { key: 'order_count', label: c.orders, kind: 'count' },
    { key: 'gmv', label: c.gmv, kind: 'money' },
  ] satisfies Column<CohortMonth>[],
  lifetime: [
    { key: 'user_id', label: c.customer, kind: 'text' },
    { key: 'country', label: c.country, kind: 'country' },
    { key: 'tier', label: c.tier, kind: 'label' },
    { key: 'acquisition_channel', label: c.acquisition, kind: 'label' },
    { key: 'first_order_date', label: c.firstOrder, kind: 'day' },
    { key: 'order_count', label: c.orders, kind: 'count' },
    { key: 'gmv', label: c.gmv, kind: 'money' },
    { key: 'contribution_margin', label: c.contribution, kind: 'money' },
    { key: 'margin_of_30_days', label: c.of30, kind: 'money' },
    { key: 'margin_of_90_days', label: c.of90, kind: 'money' },
    { key: 'margin_of_365_days', label: c.of365, kind: 'money' },
  ] satisfies Column<BuyerValue>[],
  settlement: [
    { key: 'entry_date', label: c.entryDate, kind: 'day' },
    { key: 'seller_id', label: c.seller, kind: 'text' },
    { key: 'order_id', label: c.order, kind: 'text', opens: 'order' },
    { key: 'entry_type', label: c.entryType, kind: 'label' },
    { key: 'status', label: c.status, kind: 'label' },
    { key: 'payout_id', label: c.payout, kind: 'text' },
    { key: 'due_amount', label: c.due, kind: 'money' },
    { key: 'announced_amount', label: c.announced, kind: 'money' },
    { key: 'transferred_amount', label: c.transferred, kind: 'money' },
    { key: 'open_amount', label: c.open, kind: 'money' },
    { key: 'currency', label: c.currency, kind: 'text' },
  ] satisfies Column<SettlementEntry>[],
  forecasts: [
    { key: 'forecast_date', label: c.date, kind: 'day' },
    { key: 'sku_code', label: c.sku, kind: 'text' },
    { key: 'warehouse_name', label: c.warehouse, kind: 'text' },
    { key: 'expected_quantity', label: c.expected, kind: 'decimal' },
    { key: 'quantity_p05', label: c.low, kind: 'decimal' },
    { key: 'quantity_p50', label: c.median, kind: 'decimal' },
    { key: 'quantity_p95', label: c.high, kind: 'decimal' },
  ] satisfies Column<Forecast>[],
  proposals: [
    { key: 'sku_code', label: c.sku, kind: 'text' },
    { key: 'product_name', label: c.product, kind: 'text' },
    { key: 'warehouse_name', label: c.warehouse, kind: 'text' },
    { key: 'priority', label: c.priority, kind: 'label' },
    { key: 'stock_quantity', label: c.onHand, kind: 'count' },
    { key: 'expected_demand_30d', label: c.expected30, kind: 'decimal' },
    { key: 'run_out_date', label: c.runOut, kind: 'day' },
    { key: 'run_out_probability', label: c.runOutRate, kind: 'rate' },
    { key: 'order_quantity', label: c.toOrder, kind: 'count' },
  ] satisfies Column<ReorderProposal>[],
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
  fraud: (decision, shop) => ({
    title: texts.risk.scores,
    path: PATHS.fraud,
    parameters: { decision, from: scoredSince(shop) },
    columns: any(COLUMNS.fraud),
    covers: 'run',
  }),
  order: (order) => ({
    title: texts.risk.order(order ?? ''),
    path: PATHS.orderLines,
    parameters: { order_id: order },
    columns: any(COLUMNS.orderLines),
    covers: 'allTime',
  }),
  cohorts: () => ({
    title: texts.customers.cohorts,
    path: PATHS.cohorts,
    parameters: {},
    columns: any(COLUMNS.cohorts),
    covers: 'allTime',
  }),
  lifetime: () => ({
    title: texts.customers.lifetimeRows,
    path: PATHS.lifetime,
    parameters: {},
    columns: any(COLUMNS.lifetime),
    covers: 'allTime',
  }),
  settlement: (status, shop) => ({
    title: texts.sellers.settlement,
    path: PATHS.settlement,
    parameters: { status, from: shop.period.from, to: shop.period.to },
    columns: any(COLUMNS.settlement),
    covers: 'period',
  }),
  forecasts: (series) => {
    const [sku_id, warehouse_id] = series?.split('-') ?? []
    return {
      title: texts.operations.forecast,
      path: PATHS.forecasts,
      parameters: { sku_id, warehouse_id },
      columns: any(COLUMNS.forecasts),
      covers: 'run',
    }
  },
  reorders: (priority) => ({
    title: texts.operations.reorders,
    path: PATHS.proposals,
    parameters: { priority },
    columns: any(COLUMNS.proposals),
    covers: 'run',
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
