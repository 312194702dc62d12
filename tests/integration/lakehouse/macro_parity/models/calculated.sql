-- Grain: one row per pair of amounts.
with pairs as (
    {{ edge_values({'amount': 'decimal(18,2)', 'factor': 'decimal(18,8)', 'divisor': 'bigint'}, [
        ['0.05', '0.1', '10'], ['0.15', '0.1', '3'], ['-0.05', '0.1', '-3'], ['-0.15', '0.1', '7'],
        ['0.01', '0.5', '2'], ['-0.01', '0.5', '2'], ['0.03', '0.5', '2'], ['1.15', '1', '1'],
        ['0.00', '0', '0'], ['100.00', '0.33333333', '0'], ['100.00', '5.43210987', '3'],
        ['9999999999999.99', '1.00000001', '1'], ['-9999999999999.99', '0.99999999', '9999999999'],
        ['0.05', '0.09999999', '1'], ['-0.05', '0.09999999', '1'],
        [none, '1', '1'], ['1.00', none, none], [none, none, none],
    ]) }}
)

select
    amount,
    factor,
    divisor,
    {{ money_times('amount', 'factor') }} as times,
    {{ money_per('amount', 'divisor') }} as per,
    {{ ratio('amount', 'divisor') }} as ratio,
    {{ as_type('coalesce(amount, 0)', 'decimal(18,2)') }} as amount_or_nothing,
    {{ as_type(must_be_given('coalesce(divisor, 0)', 'no divisor'), 'bigint') }} as divisor_or_nothing
from pairs
