/** Rows of the marts as far as the dashboard reads them: the names are those of the marts' columns.
 *
 * Decimals are texts. A test compares each interface with the contract of the mart that its comment names.
 */

/** rt.v_live_kpi */
export interface LiveKpi {
  as_of: string
  reporting_date: string
  order_count_today: number
  order_count_yesterday: number
  order_count_week_ago: number
  gmv_today: string
  gmv_yesterday: string
  gmv_week_ago: string
  unique_buyers_today: number
  unique_buyers_yesterday: number
  unique_buyers_week_ago: number
  cancelled_order_count_today: number
  cancelled_order_count_yesterday: number
  cancelled_order_count_week_ago: number
  avg_order_value_today: string | null
  avg_order_value_yesterday: string | null
  avg_order_value_week_ago: string | null
  revenue_today: string
  revenue_yesterday: string
  revenue_week_ago: string
  newest_commit_at: string | null
  seconds_behind: number | null
  is_stale: boolean
}

/** rt.rt_live_orders */
export interface LiveOrder {
  order_id: number
  ordered_at: string
  city: string
  channel: string
  status: string
  total_amount: string | null
}

/** rt.rt_funnel_metrics */
export interface FunnelWindow {
  window_start: string
  platform: string
  views: number
  carts: number
  purchases: number
}

/** rt.rt_stuck_orders */
export interface StuckOrder {
  order_id: number
  ordered_at: string
  minutes_pending: number
  city: string
  channel: string
  total_amount: string | null
}

/** rt.rt_stock_alerts */
export interface StockAlert {
  sku_id: number
  sku_code: string
  product_name: string
  warehouse_name: string
  quantity: number
  safety_stock: number
  reorder_point: number
  is_below_safety_stock: boolean
  outflow_24h: number
  hours_left: number | null
}

/** rt.rt_flash_sale_progress */
export interface FlashSale {
  flash_sale_id: number
  product_name: string
  currency: string
  sale_price: string
  quota: number
  sold_count: number
  sold_rate: number
  starts_at: string
  ends_at: string
  is_running: boolean
}

/** ops.alerts */
export interface Alert {
  rule: string
  subject: string
  severity: string
  state: string
  value: number | null
  usual: number | null
  since: string | null
  fired_at: string | null
  resolved_at: string | null
  acknowledged_by: string
}

/** rt.rt_freshness */
export interface MartFreshness {
  mart: string
  newest_commit_at: string | null
  complete_until: string | null
  seconds_behind: number | null
  is_stale: boolean
}

/** ads.ads_daily_gmv */
export interface DailyGmv {
  order_date: string
  currency: string
  placed_order_count: number
  order_count: number
  cancelled_order_count: number
  unique_buyers: number
  item_count: number
  gmv: string
  avg_order_value: string | null
  cancellation_rate: number
}

/** ads.ads_revenue_daily */
export interface DailyRevenue {
  event_date: string
  receipts: string
  refunds: string
  chargebacks: string
  total_revenue: string
  total_purchases: number
}

/** ads.ads_product_performance */
export interface Product {
  product_id: number
  product_name: string
  department: string
  category: string | null
  seller_id: number | null
  price_tier: string | null
  rating_avg: string | null
  review_count: number
  order_count: number
  units_sold: number
  gmv: string
  gross_margin: string | null
  margin_pct: number | null
  return_count: number
  last_sold_date: string | null
  gmv_rank: number
}

/** ads.ads_category_trends */
export interface CategoryMonth {
  month_start_date: string
  department: string
  category: string
  order_count: number
  units_sold: number
  gmv: string
  previous_month_gmv: string | null
  gmv_growth_rate: number | null
}

/** ads.ads_customer_rfm */
export interface Customer {
  user_id: number
  country: string | null
  tier: string | null
  first_order_date: string | null
  last_order_date: string | null
  recency_days: number | null
  order_count: number
  gmv: string
  avg_order_value: string | null
  recency_score: number
  frequency_score: number
  monetary_score: number
  rfm_segment: string
}

/** ads.ads_seller_scorecard */
export interface Seller {
  seller_id: number
  seller_name: string
  tier: string | null
  country: string | null
  city: string | null
  placed_order_count: number
  order_count: number
  units_sold: number
  gmv: string
  commission: string
  avg_order_value: string | null
  cancellation_rate: number | null
  late_delivery_rate: number | null
  median_fulfillment_days: number | null
  rating_avg: string | null
  review_count: number
  gmv_rank: number
}

/** ads.ads_warehouse_efficiency */
export interface WarehouseStatus {
  warehouse_id: number
  warehouse_name: string
  city: string | null
  country: string | null
  is_active: boolean
  capacity: number | null
  piece_count: number
  utilization_rate: number | null
  sku_count: number
  stock_out_count: number
  below_safety_stock_count: number
  stock_out_rate: number | null
  delivered_count: number
  late_delivery_rate: number | null
  median_delivery_days: number | null
}

/** ads.ads_mart_status */
export interface MartStatus {
  mart: string
  excluded_row_count: number
}

/** ops.check_results */
export interface CheckResult {
  check_name: string
  table_name: string
  status: string
  failed_row_count: number
  message: string
  checked_at: string
}

/** ads.ads_cohort_retention */
export interface CohortMonth {
  cohort_month: string
  order_month: string
  months_since_first_order: number
  is_in_progress: boolean
  cohort_size: number
  active_buyer_count: number
  retention_rate: number
  order_count: number
  gmv: string
}

/** ads.ads_customer_ltv */
export interface BuyerValue {
  user_id: number
  country: string | null
  tier: string | null
  acquisition_channel: string | null
  first_order_date: string
  order_count: number
  gmv: string
  contribution_margin: string
  margin_of_30_days: string | null
  margin_of_90_days: string | null
  margin_of_365_days: string | null
}

/** ads.ads_seller_settlement */
export interface SettlementEntry {
  entry_id: string
  seller_id: number
  seller_name: string | null
  order_id: number
  entry_type: string
  entry_date: string
  payout_id: number | null
  currency: string
  due_amount: string
  announced_amount: string | null
  transferred_amount: string
  open_amount: string
  status: string
}

/** ads.ads_payment_reconciliation */
export interface PaymentClaim {
  claim_date: string
  payer_type: string
  payer: string
  order_id: number
  status: string
  currency: string
  expected_gross: string
  announced_gross: string
  gross_difference: string
  fee_difference: string | null
  transferred_amount: string
}

/** ads.ads_attribution */
export interface AttributionDay {
  event_date: string
  attribution_model: string
  traffic_channel: string
  campaign_name: string | null
  order_credit: string
  new_buyer_credit: string
  gmv: string
  ad_spend: string
}

/** ads.ads_voucher_effect */
export interface Voucher {
  voucher_code: string
  voucher_type: string
  funded_by: string
  start_date: string
  end_date: string
  redemption_count: number
  usage_rate: number | null
  order_count: number
  new_buyer_count: number
  gmv: string
  discount: string
  contribution_margin: string
  avg_order_value: string | null
  avg_order_value_without_voucher: string | null
}

/** ads.ads_flash_sale */
export interface FlashSaleResult {
  product_name: string | null
  start_date: string
  discount_rate: number | null
  quota: number
  units_sold: number
  sold_rate: number | null
  unique_buyers: number
  new_buyer_count: number
  gmv: string
  contribution_margin: string
  daily_units: number
  usual_daily_units: number
}

/** ads.ads_contribution_margin_by_channel */
export interface ChannelMargin {
  month_start_date: string
  channel: string
  order_count: number
  goods_amount: string
  commission: string
  payment_fee: string
  marketplace_fee: string
  ad_spend: string
  platform_margin: string
  contribution_margin: string
  contribution_margin_rate: number | null
}

/** ads.ads_contribution_margin_by_sku */
export interface SkuMargin {
  sku_code: string | null
  product_name: string | null
  department: string | null
  category: string | null
  order_count: number
  units: number
  goods_amount: string
  cost_of_goods: string
  seller_margin: string
  platform_margin: string
  contribution_margin: string
  contribution_margin_rate: number | null
}

/** ads.ads_inventory_health */
export interface StockHealth {
  sku_code: string | null
  product_name: string | null
  warehouse_name: string | null
  quantity: number
  reorder_point: number
  needs_reorder: boolean
  days_of_cover: number | null
  turnover: number | null
  stock_out_rate: number | null
  lost_units: number | null
  is_dead_stock: boolean
  stock_cost: string | null
  abc_class: string | null
  xyz_class: string | null
}

/** ads.ads_shipping_sla */
export interface ShippingDay {
  shipped_date: string
  carrier: string
  shipped_from: string
  shipment_count: number
  delivered_count: number
  late_count: number
  on_time_rate: number | null
  overdue_count: number
  failed_count: number
  median_transit_days: number | null
  p90_transit_days: number | null
}

/** ads.ads_returns */
export interface ReturnedCategory {
  delivery_month: string
  department: string
  category: string
  delivered_units: number
  returned_units: number
  return_rate: number | null
  returned_amount: string
  request_count: number
  defective_count: number
  wrong_item_count: number
  not_as_described_count: number
  late_count: number
  changed_mind_count: number
  other_count: number
  rejected_count: number
}

/** ads.ads_customer_churn */
export interface ChurnSigns {
  user_id: number
  churn_status: string
  rfm_segment: string | null
  tier: string | null
  country: string | null
  last_order_date: string
  recency_days: number
  avg_days_between_orders: number | null
  order_count: number
  gmv_90_days: string
  gmv_90_days_before: string
  late_order_rate: number | null
  return_count: number
  last_visit_date: string | null
}

/** ml.customer_scores */
export interface CustomerScore {
  user_id: number
  segment: string
  churn_probability: number
  expected_orders_90d: number
  expected_margin_365d: number
  next_order_date: string | null
  churn_reasons: string[]
}

/** ads.ads_contribution_margin */
export interface OrderLine {
  order_id: number | null
  order_date: string
  channel: string | null
  user_id: number | null
  seller_name: string | null
  product_id: number | null
  product_name: string | null
  units: number
  goods_amount: string | null
  seller_margin: string | null
  platform_margin: string | null
  contribution_margin: string | null
}

/** ml.fraud_scores */
export interface FraudScore {
  order_id: number
  user_id: number
  judged_at: string
  score: number
  anomaly_score: number
  rules: string[]
  reasons: string[]
  decision: string
}

/** ml.demand_forecasts */
export interface Forecast {
  forecast_date: string
  sku_id: number
  warehouse_id: number
  expected_quantity: number
  quantity_p05: number
  quantity_p50: number
  quantity_p95: number
  sku_code: string | null
  product_name: string | null
  warehouse_name: string | null
}

/** ml.reorder_proposals */
export interface ReorderProposal {
  sku_id: number
  warehouse_id: number
  stock_quantity: number
  expected_demand_30d: number
  run_out_date: string | null
  run_out_probability: number
  order_quantity: number
  priority: string
  sku_code: string | null
  product_name: string | null
  warehouse_name: string | null
}
