/** Charts come in a file of their own, which the page does not wait for. */

import { lazy, Suspense, type ComponentProps } from 'react'
import { Skeleton } from '../parts/Loaded'

const Drawn = {
  Columns: lazy(() => import('./drawn').then((module) => ({ default: module.Columns }))),
  Lines: lazy(() => import('./drawn').then((module) => ({ default: module.Lines }))),
  Areas: lazy(() => import('./drawn').then((module) => ({ default: module.Areas }))),
  Band: lazy(() => import('./drawn').then((module) => ({ default: module.Band }))),
}

export function Columns(props: ComponentProps<typeof Drawn.Columns>) {
  return (
    <Suspense fallback={<Skeleton height="h-64" />}>
      <Drawn.Columns {...props} />
    </Suspense>
  )
}

export function Lines(props: ComponentProps<typeof Drawn.Lines>) {
  return (
    <Suspense fallback={<Skeleton height="h-64" />}>
      <Drawn.Lines {...props} />
    </Suspense>
  )
}

export function Areas(props: ComponentProps<typeof Drawn.Areas>) {
  return (
    <Suspense fallback={<Skeleton height="h-64" />}>
      <Drawn.Areas {...props} />
    </Suspense>
  )
}

export function Band(props: ComponentProps<typeof Drawn.Band>) {
  return (
    <Suspense fallback={<Skeleton height="h-64" />}>
      <Drawn.Band {...props} />
    </Suspense>
  )
}
