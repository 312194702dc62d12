/** What the page shows, kept in its address: a link to the page shows the same to somebody else. */

import { useCallback, useSyncExternalStore } from 'react'
import { isDay, isRange, USUAL_RANGE, type Range } from './period'

export const TABS = ['overview', 'products', 'customers', 'marketing', 'operations', 'sellers', 'risk', 'quality'] as const
export type Tab = (typeof TABS)[number]

export interface Search {
  tab: Tab
  range: Range
  /** A period of one's own; both or none. */
  from: string | null
  to: string | null
  channel: string | null
  country: string | null
  /** The rows that are open, with what they are restricted to: `customers:champions`. */
  rows: string | null
}

export const USUAL: Search = {
  tab: 'overview',
  range: USUAL_RANGE,
  from: null,
  to: null,
  channel: null,
  country: null,
  rows: null,
}

/** Read an address's query; what it cannot mean is left out. */
export function read(query: string): Search {
  const given = new URLSearchParams(query)
  const [tab, range, from, to] = ['tab', 'range', 'from', 'to'].map((name) => given.get(name)) as [
    string | null,
    string | null,
    string | null,
    string | null,
  ]
  const hasPeriod = isDay(from) && isDay(to) && from <= to
  return {
    tab: TABS.find((known) => known === tab) ?? USUAL.tab,
    range: isRange(range) ? range : USUAL.range,
    from: hasPeriod ? from : null,
    to: hasPeriod ? to : null,
    channel: given.get('channel') || null,
    country: given.get('country') || null,
    rows: given.get('rows') || null,
  }
}

/** The query of an address, without what is as usual. */
export function write(search: Search): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    if (value !== null && value !== USUAL[name as keyof Search]) query.set(name, value)
  }
  const text = query.toString()
  return text && `?${text}`
}

const CHANGED = 'search-changed'

function subscribe(onChange: () => void): () => void {
  for (const event of ['popstate', CHANGED]) window.addEventListener(event, onChange)
  return () => {
    for (const event of ['popstate', CHANGED]) window.removeEventListener(event, onChange)
  }
}

export type ChangeSearch = (changed: Partial<Search>) => void

/** What is shown now, and what shows something else, as a new entry of the browser's history. */
export function useSearch(): [Search, ChangeSearch] {
  const query = useSyncExternalStore(subscribe, () => window.location.search)
  const change = useCallback((changed: Partial<Search>) => {
    const next = { ...read(window.location.search), ...changed }
    window.history.pushState(null, '', write(next) || window.location.pathname)
    window.dispatchEvent(new Event(CHANGED))
  }, [])
  return [read(query), change]
}
