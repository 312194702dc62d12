-- What is sold: the category tree, products (SPU) and their sellable variants (SKU).

create table if not exists categories (
    category_id bigint not null auto_increment primary key
        comment 'Identifier of the category.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    parent_id bigint
        comment 'The category one level up; null at the top.',
    level smallint not null
        comment 'Depth in the tree: 1 department, 2 category, 3 subcategory.',
    category_name varchar(255) not null
        comment 'Name in English.',
    local_name varchar(255)
        comment 'Name in the shop''s own language; null if it has none.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint categories_external_id_key unique (external_id),
    constraint categories_name_unique_below_parent unique (parent_id, category_name),
    constraint categories_parent_id_fkey foreign key (parent_id) references categories (category_id),
    constraint categories_level_in_range check (level between 1 and 3),
    constraint categories_only_roots_lack_parent check ((level = 1) = (parent_id is null))
) comment 'Category tree of three levels. One row per category.';

create table if not exists products (
    product_id bigint not null auto_increment primary key
        comment 'Identifier of the product.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    category_id bigint
        comment 'Category the product is listed in; null if not classified.',
    seller_id bigint
        comment 'Seller that lists the product; null where several sellers offer it.',
    supplier_id bigint
        comment 'Supplier that replenishes the product; null if not known.',
    product_name varchar(255) not null
        comment 'Title of the product page.',
    brand varchar(255)
        comment 'Brand; null for unbranded goods.',
    description mediumtext
        comment 'Description shown to buyers; null if there is none.',
    tags json not null default (json_array())
        comment 'Search tags, a JSON array of texts.',
    attributes json not null default (json_object())
        comment 'Further facts about the product, a JSON object.',
    weight_g integer
        comment 'Packed weight in grams; null if not known.',
    length_cm numeric(8, 2)
        comment 'Packed length in centimetres; null if not known.',
    width_cm numeric(8, 2)
        comment 'Packed width in centimetres; null if not known.',
    height_cm numeric(8, 2)
        comment 'Packed height in centimetres; null if not known.',
    status varchar(32) not null default 'active'
        comment 'Life of the page: draft, active, paused or discontinued.',
    currency varchar(32) not null
        comment 'Currency of the prices of this product and its SKUs, ISO 4217.',
    min_price numeric(18, 2)
        comment 'Lowest price among its active SKUs, in `currency`; null without one; kept by rule.',
    rating_avg numeric(3, 2)
        comment 'Average rating of its reviews, 1 (worst) to 5; null without reviews; kept by rule.',
    review_count integer not null default 0
        comment 'Number of reviews of the product; kept by rule.',
    listed_at timestamp(6) not null
        comment 'When the product was first offered.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint products_external_id_key unique (external_id),
    key products_by_category (category_id),
    key products_by_seller (seller_id),
    key products_by_supplier (supplier_id),
    constraint products_category_id_fkey foreign key (category_id) references categories (category_id),
    constraint products_seller_id_fkey foreign key (seller_id) references sellers (seller_id),
    constraint products_supplier_id_fkey foreign key (supplier_id) references suppliers (supplier_id),
    constraint products_tags_is_array check (json_type(tags) = 'ARRAY'),
    constraint products_attributes_is_object check (json_type(attributes) = 'OBJECT'),
    constraint products_weight_not_negative check (weight_g >= 0),
    constraint products_length_not_negative check (length_cm >= 0),
    constraint products_width_not_negative check (width_cm >= 0),
    constraint products_height_not_negative check (height_cm >= 0),
    constraint products_status_known check (status in ('draft', 'active', 'paused', 'discontinued')),
    constraint products_currency_is_iso check (char_length(currency) = 3 and currency regexp '^[A-Z]{3}$'),
    constraint products_min_price_not_negative check (min_price >= 0),
    constraint products_rating_in_range check (rating_avg between 1 and 5),
    constraint products_rating_needs_reviews check ((review_count = 0) = (rating_avg is null))
) comment 'Products (SPU). One row per product page; what can be bought are its SKUs.';

create table if not exists product_skus (
    sku_id bigint not null auto_increment primary key
        comment 'Identifier of the variant.',
    external_id varchar(255)
        comment 'Identifier in the data set the row was imported from; null if created here.',
    product_id bigint not null
        comment 'The product this is a variant of.',
    sku_code varchar(255) not null
        comment 'Code printed on the label.',
    attributes json not null default (json_object())
        comment 'What distinguishes the variant (colour, size ...), a JSON object.',
    price numeric(18, 2) not null
        comment 'List price of one piece, in the product''s currency.',
    cost numeric(18, 2)
        comment 'What one piece costs us, in the product''s currency; null if not known.',
    stock integer not null default 0
        comment 'Pieces on hand in all warehouses; kept by rule from the stock ledger.',
    status varchar(32) not null default 'active'
        comment 'Whether it is sold: active, paused or discontinued.',
    created_at timestamp(6) not null default current_timestamp(6)
        comment 'When this row was written.',
    updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)
        comment 'When this row was last changed.',
    constraint product_skus_external_id_key unique (external_id),
    constraint product_skus_sku_code_key unique (sku_code),
    key product_skus_by_product (product_id),
    constraint product_skus_product_id_fkey foreign key (product_id) references products (product_id),
    constraint product_skus_attributes_is_object check (json_type(attributes) = 'OBJECT'),
    constraint product_skus_price_not_negative check (price >= 0),
    constraint product_skus_cost_not_negative check (cost >= 0),
    constraint product_skus_stock_not_negative check (stock >= 0),
    constraint product_skus_status_known check (status in ('active', 'paused', 'discontinued'))
) comment 'Sellable variants (SKU) of products. One row per variant.';
