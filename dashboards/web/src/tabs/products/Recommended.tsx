/** What is recommended after one of the products that sell best. */

import { useState } from 'react'
import type { Product } from '../../api/marts'
import { useRecommended, type RecommendedProduct } from '../../api/queries'
import type { Column } from '../../format/columns'
import { Select } from '../../parts/controls'
import { DataPanel, useScope } from '../../parts/Panel'
import { texts } from '../../texts'

const t = texts.products
const COLUMNS: Column<RecommendedProduct>[] = [
  { key: 'product_id', label: texts.columns.id, kind: 'text' },
  { key: 'product_name', label: texts.columns.product, kind: 'text' },
  { key: 'department', label: texts.columns.department, kind: 'text' },
  { key: 'category', label: texts.columns.category, kind: 'text' },
  { key: 'score', label: texts.columns.score, kind: 'rating' },
]

export function Recommended({ products }: { products: readonly Product[] }) {
  const [chosen, setChosen] = useState<number | null>(null)
  const product = chosen ?? products[0]?.product_id ?? null
  const query = useRecommended(product)
  const scope = useScope(query.data, 'run', false)
  return (
    <DataPanel
      title={t.recommended}
      scope={scope}
      query={query}
      rows={(answer) => answer.data}
      columns={COLUMNS}
      empty={t.noRecommended}
      choice={
        products.length > 0 && (
          <Select label={t.product} value={product ?? ''} onChange={(event) => setChosen(Number(event.target.value))}>
            {products.map((one) => (
              <option key={one.product_id} value={one.product_id}>
                {one.product_name}
              </option>
            ))}
          </Select>
        )
      }
    />
  )
}
