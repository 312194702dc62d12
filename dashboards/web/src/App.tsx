/** The page: the sections, the filters, what is wrong if something is, and the tab that is open. */

import { useEffect } from 'react'
import { ApiProblem } from './api/client'
import { Boundary } from './parts/Boundary'
import { Banner } from './parts/Banner'
import { Filters } from './parts/Filters'
import { Skeleton } from './parts/Loaded'
import { Login } from './parts/Login'
import { Frame } from './parts/Frame'
import { RowsDialog } from './parts/RowsDialog'
import { useSearch, type Tab } from './state/search'
import { ShopContext, useShopOf } from './state/shop'
import { Customers } from './tabs/Customers'
import { Operations } from './tabs/Operations'
import { Overview } from './tabs/Overview'
import { Products } from './tabs/Products'
import { Quality } from './tabs/Quality'
import { Risk } from './tabs/Risk'
import { Sellers } from './tabs/Sellers'
import { texts } from './texts'

const CONTENT: Record<Tab, () => React.ReactNode> = {
  overview: Overview,
  products: Products,
  customers: Customers,
  operations: Operations,
  sellers: Sellers,
  risk: Risk,
  quality: Quality,
}

/** What shows neither a period nor a part of the shop. */
const UNFILTERED = new Set<Tab>(['risk', 'quality'])

export function App() {
  const [search] = useSearch()
  const { shop, error } = useShopOf(search)
  const title = texts.tabs[search.tab]
  useEffect(() => {
    document.title = `${title} · ${texts.product}`
  }, [title])
  const Content = CONTENT[search.tab]
  if (error instanceof ApiProblem && (error.status === 401 || error.status === 403)) return <Login />
  return (
    <Frame>
      <Banner hasShop={shop !== null} error={error} />
      {shop ? (
        <ShopContext value={shop}>
          <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
            <h1 className="text-xl font-semibold">{title}</h1>
            {!UNFILTERED.has(search.tab) && <Filters />}
          </div>
          <Boundary key={search.tab}>
            <Content />
          </Boundary>
          <RowsDialog />
        </ShopContext>
      ) : (
        <>
          <h1 className="mb-4 text-xl font-semibold">{title}</h1>
          {error ? null : <Skeleton height="h-96" />}
        </>
      )}
    </Frame>
  )
}
