/** The page: the sections, the filters, what is wrong if something is, and the tab that is open. */

import { lazy, Suspense, useEffect } from 'react'
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
import { Overview } from './tabs/Overview'
import { texts } from './texts'

/** The first section comes with the page, each other one in a file of its own. */
const CONTENT: Record<Tab, React.ComponentType> = {
  overview: Overview,
  products: lazy(() => import('./tabs/Products').then((module) => ({ default: module.Products }))),
  customers: lazy(() => import('./tabs/Customers').then((module) => ({ default: module.Customers }))),
  marketing: lazy(() => import('./tabs/Marketing').then((module) => ({ default: module.Marketing }))),
  operations: lazy(() => import('./tabs/Operations').then((module) => ({ default: module.Operations }))),
  sellers: lazy(() => import('./tabs/Sellers').then((module) => ({ default: module.Sellers }))),
  risk: lazy(() => import('./tabs/Risk').then((module) => ({ default: module.Risk }))),
  quality: lazy(() => import('./tabs/Quality').then((module) => ({ default: module.Quality }))),
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
    <Frame hasShop={shop !== null}>
      <Banner hasShop={shop !== null} error={error} />
      {shop ? (
        <ShopContext value={shop}>
          <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
            <h1 className="text-xl font-semibold">{title}</h1>
            {!UNFILTERED.has(search.tab) && <Filters />}
          </div>
          <Boundary key={search.tab}>
            <Suspense fallback={<Skeleton height="h-96" />}>
              <Content />
            </Suspense>
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
