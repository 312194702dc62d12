select
    margin_line_id, order_item_id, order_id, order_date, channel, campaign_id, user_id, seller_id, product_id, sku_id, units,
    goods_amount, seller_discount, platform_discount, commission, cost_of_goods, shipping_income, shipping_cost, payment_fee,
    marketplace_fee, ad_spend, seller_margin, platform_margin, seller_margin + platform_margin as contribution_margin, cost_source
from margin_lines
