/** What a panel shows while it loads, when there is nothing, and when it fails. */

import type { ReactNode } from 'react'
import { ApiProblem } from '../api/client'
import { texts } from '../texts'
import { Button } from './controls'

export interface Answered<Data> {
  data: Data | undefined
  error: Error | null
  /** The data is that of the question before, until the answer comes. */
  isPlaceholderData?: boolean
  refetch: () => unknown
}

export function Loaded<Data>({
  query,
  isEmpty,
  empty = texts.state.empty,
  height = 'h-40',
  children,
}: {
  query: Answered<Data>
  isEmpty?: (data: Data) => boolean
  empty?: string
  /** A Tailwind class: what comes takes as much room, so that the page does not jump. */
  height?: string
  children: (data: Data) => ReactNode
}) {
  if (query.data === undefined) {
    if (query.error instanceof ApiProblem && query.error.status === 404) return <Absent detail={query.error.message} height={height} />
    return query.error ? <Failed error={query.error} onRetry={query.refetch} /> : <Skeleton height={height} />
  }
  if (isEmpty?.(query.data)) return <Empty text={empty} height={height} />
  return (
    <div
      aria-busy={query.isPlaceholderData ?? false}
      className="grid min-h-0 min-w-0 flex-1 grid-cols-[minmax(0,1fr)] transition-opacity aria-busy:opacity-40"
    >
      {query.error && <p className="mb-2 text-xs text-warn">{texts.state.outdated}</p>}
      {children(query.data)}
    </div>
  )
}

export function Skeleton({ height = 'h-40' }: { height?: string }) {
  return (
    <div role="status" aria-label={texts.state.loading} className={`${height} animate-pulse rounded-md bg-raised`} />
  )
}

export function Empty({ text, height = 'h-40' }: { text: string; height?: string }) {
  return <p className={`flex ${height} items-center justify-center px-6 text-center text-soft`}>{text}</p>
}

/** What is not there yet, with the commands that make it, as the API names them. */
function Absent({ detail, height }: { detail: string; height: string }) {
  return (
    <div className={`flex min-h-40 ${height} flex-col items-center justify-center gap-1 px-6 text-center`}>
      <p className="font-medium">{texts.state.absent}</p>
      <p className="max-w-xl text-soft">
        {detail.split('`').map((part, index) =>
          index % 2 === 1 ? (
            <code key={index} className="rounded bg-raised px-1 py-0.5 text-xs whitespace-nowrap text-ink">
              {part}
            </code>
          ) : (
            part
          ),
        )}
      </p>
    </div>
  )
}

function Failed({ error, onRetry }: { error: Error; onRetry: () => unknown }) {
  return (
    <div role="alert" className="flex flex-col items-center gap-2 py-8 text-center">
      <p className="font-medium">{texts.state.failed}</p>
      <p className="max-w-md text-soft">{error.message}</p>
      <Button onClick={() => onRetry()}>{texts.state.retry}</Button>
    </div>
  )
}
