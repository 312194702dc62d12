-- Olist's categories are flat; this puts each below a department. What is not listed goes to `other`.

create temporary table departments (department text not null, categories text not null) on commit drop;

insert into departments (department, categories) values
('arts_and_crafts', 'artes artes_e_artesanato instrumentos_musicais'),
('automotive', 'automotivo'),
('baby_and_toys', 'bebes brinquedos fraldas_higiene'),
('books_and_media', 'cds_dvds_musicais dvds_blu_ray livros_importados livros_interesse_geral livros_tecnicos musica'),
('business_and_industry', 'agro_industria_e_comercio industria_comercio_e_negocios papelaria seguros_e_servicos'),
('electronics', 'audio cine_foto consoles_games eletronicos informatica_acessorios pc_gamer pcs'),
('fashion', 'fashion_bolsas_e_acessorios fashion_calcados fashion_esporte fashion_roupa_feminina'),
('fashion', 'fashion_roupa_infanto_juvenil fashion_roupa_masculina fashion_underwear_e_moda_praia'),
('fashion', 'malas_acessorios relogios_presentes'),
('food_and_drink', 'alimentos alimentos_bebidas bebidas'),
('garden_and_tools', 'casa_construcao construcao_ferramentas_construcao construcao_ferramentas_ferramentas'),
('garden_and_tools', 'construcao_ferramentas_iluminacao construcao_ferramentas_jardim ferramentas_jardim flores'),
('garden_and_tools', 'construcao_ferramentas_seguranca sinalizacao_e_seguranca'),
('health_and_beauty', 'beleza_saude perfumaria'),
('home_and_furniture', 'cama_mesa_banho casa_conforto casa_conforto_2 la_cuisine moveis_decoracao moveis_escritorio'),
('home_and_furniture', 'moveis_colchao_e_estofado moveis_cozinha_area_de_servico_jantar_e_jardim moveis_quarto'),
('home_and_furniture', 'moveis_sala utilidades_domesticas'),
('home_appliances', 'climatizacao eletrodomesticos eletrodomesticos_2 eletroportateis'),
('home_appliances', 'portateis_casa_forno_e_cafe portateis_cozinha_e_preparadores_de_alimentos'),
('other', 'cool_stuff market_place'),
('party_and_seasonal', 'artigos_de_festas artigos_de_natal'),
('pets', 'pet_shop'),
('sports_and_leisure', 'esporte_lazer'),
('telephony', 'tablets_impressao_imagem telefonia telefonia_fixa');

create temporary table category_departments on commit drop as
select
    names.product_category_name,
    coalesce(listed.department, 'other') as department
from (
    select product_category_name from staged_product_category_name_translation
    union
    select product_category_name from staged_olist_products_dataset where product_category_name is not null
) as names
left join (
    select department, unnest(string_to_array(categories, ' ')) as product_category_name
    from departments
) as listed on names.product_category_name = listed.product_category_name;
