"""A tiny Olist folder that can be checked by hand, and spoiled by tests."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "olist_customers_dataset": """\
customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,customer_state
c1,ada,01001,sao paulo,SP
c2,ada,01001,sao paulo,SP
c3,bob,20000,rio de janeiro,RJ
""",
    "olist_sellers_dataset": """\
seller_id,seller_zip_code_prefix,seller_city,seller_state
s1,01001,sao paulo,SP
""",
    "product_category_name_translation": """\
product_category_name,product_category_name_english
pet_shop,pet_shop
""",
    "olist_products_dataset": """\
product_id,product_category_name,product_name_lenght,product_description_lenght,product_photos_qty,\
product_weight_g,product_length_cm,product_height_cm,product_width_cm
p1,pet_shop,10,100,1,500,10,10,10
p2,novidades,,,,,,,
p3,,,,,,,,
""",
    "olist_orders_dataset": """\
order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,\
order_delivered_customer_date,order_estimated_delivery_date
o1,c1,delivered,2018-01-01 10:00:00,2018-01-01 11:00:00,2018-01-02 12:00:00,\
2018-01-05 13:00:00,2018-01-10 00:00:00
o2,c2,canceled,2018-01-03 10:00:00,,,,2018-01-12 00:00:00
o3,c3,processing,2018-01-04 10:00:00,2018-01-04 10:30:00,,,2018-01-14 00:00:00
""",
    "olist_order_items_dataset": """\
order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value
o1,1,p1,s1,2018-01-03 00:00:00,300.10,10.00
o1,2,p1,s1,2018-01-03 00:00:00,300.10,10.00
o3,1,p2,s1,2018-01-06 00:00:00,50,5.5
""",
    "olist_order_payments_dataset": """\
order_id,payment_sequential,payment_type,payment_installments,payment_value
o1,1,credit_card,3,600.20
o1,2,voucher,1,20
o2,1,boleto,1,10
o3,1,not_defined,0,55.50
""",
    "olist_order_reviews_dataset": """\
review_id,order_id,review_score,review_comment_title,review_comment_message,review_creation_date,\
review_answer_timestamp
r1,o1,4,,"good, but
slow",2018-01-06 00:00:00,2018-01-07 08:00:00
r1,o3,1,,,2018-01-06 00:00:00,2018-01-07 08:00:00
""",
    "olist_geolocation_dataset": """\
geolocation_zip_code_prefix,geolocation_lat,geolocation_lng,geolocation_city,geolocation_state
01001,-23.5489459851894,-46.6346713287109,sao paulo,SP
01001,-23.5489459851894,-46.6346713287109,sao paulo,SP
""",
}


def write_olist(folder: Path, **changed: str) -> Path:
    """Write the nine files; keyword arguments replace the text of one."""
    for stem, text in (FILES | changed).items():
        (folder / f"{stem}.csv").write_text(text)
    return folder
