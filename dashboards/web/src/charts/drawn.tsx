/** Charts by Recharts, in the page's colours. */

import type { ReactNode } from 'react'
import {
  Area as RangeArea,
  Bar,
  BarChart,
  CartesianGrid,
  Cell,
  ComposedChart,
  Line,
  LineChart,
  ResponsiveContainer,
  Tooltip,
  Treemap,
  XAxis,
  YAxis,
} from 'recharts'

export interface Column {
  /** Where it stands, such as a day. */
  at: string
  value: number
  /** Stands out: today. */
  isMarked?: boolean
}

type Write = (value: number) => string
type WriteAt = (at: string) => string

const AXIS = { stroke: 'var(--line)', tick: { fill: 'var(--soft)', fontSize: 11 }, tickLine: false } as const
const MARGIN = { top: 8, right: 4, bottom: 0, left: 0 }
const HEIGHT = 256

function Box({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="rounded-md border border-line bg-surface px-3 py-2 text-xs shadow-md">
      <p className="mb-1 text-soft">{title}</p>
      {children}
    </div>
  )
}

/** Columns over time. */
export function Columns({
  label,
  columns,
  writeAt,
  writeAxis,
  write,
}: {
  label: string
  columns: readonly Column[]
  writeAt: WriteAt
  writeAxis: Write
  write: Write
}) {
  return (
    <figure aria-label={label}>
      <ResponsiveContainer width="100%" height={HEIGHT}>
        <BarChart data={[...columns]} margin={MARGIN} barCategoryGap="22%">
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis dataKey="at" tickFormatter={writeAt} minTickGap={28} {...AXIS} />
          <YAxis width={58} tickFormatter={writeAxis} {...AXIS} axisLine={false} />
          <Tooltip
            isAnimationActive={false}
            cursor={{ fill: 'var(--raised)' }}
            content={({ active, payload }) => {
              const column = payload?.[0]?.payload as Column | undefined
              return active && column ? (
                <Box title={writeAt(column.at)}>
                  <p className="font-medium">{write(column.value)}</p>
                </Box>
              ) : null
            }}
          />
          <Bar dataKey="value" radius={[3, 3, 0, 0]} maxBarSize={36} isAnimationActive={false}>
            {columns.map((column) => (
              <Cell key={column.at} fill={column.isMarked ? 'var(--accent)' : 'var(--accent-line)'} fillOpacity={column.isMarked ? 1 : 0.65} />
            ))}
          </Bar>
        </BarChart>
      </ResponsiveContainer>
    </figure>
  )
}

export interface Series {
  name: string
  /** Values in the order of the places; null where there is none. */
  values: readonly (number | null)[]
}

/** A few lines over the same places, with their names above. */
export function Lines({
  label,
  places,
  series,
  writeAt,
  writeAxis,
  write,
}: {
  label: string
  places: readonly string[]
  series: readonly Series[]
  writeAt: WriteAt
  writeAxis: Write
  write: Write
}) {
  const data = places.map((at, place) => ({
    at,
    ...Object.fromEntries(series.map((one, index) => [`s${index}`, one.values[place] ?? null])),
  }))
  return (
    <figure aria-label={label}>
      <ul className="mb-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
        {series.map((one, index) => (
          <li key={one.name} className="flex items-center gap-1.5">
            <span aria-hidden className="h-0.5 w-3.5 rounded" style={{ background: colour(index) }} />
            {one.name}
          </li>
        ))}
      </ul>
      <ResponsiveContainer width="100%" height={HEIGHT - 24}>
        <LineChart data={data} margin={MARGIN}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis dataKey="at" tickFormatter={writeAt} minTickGap={28} {...AXIS} />
          <YAxis width={58} tickFormatter={writeAxis} {...AXIS} axisLine={false} />
          <Tooltip
            isAnimationActive={false}
            cursor={{ stroke: 'var(--muted)' }}
            content={({ active, payload, label: at }) =>
              active && payload ? (
                <Box title={writeAt(String(at))}>
                  {payload.map((one, index) => (
                    <p key={String(one.dataKey)} className="flex items-center justify-between gap-4">
                      <span className="flex items-center gap-1.5">
                        <span aria-hidden className="size-2 rounded-full" style={{ background: colour(index) }} />
                        {series[index]?.name}
                      </span>
                      <span className="font-medium">{write(Number(one.value))}</span>
                    </p>
                  ))}
                </Box>
              ) : null
            }
          />
          {series.map((one, index) => (
            <Line
              key={one.name}
              dataKey={`s${index}`}
              stroke={colour(index)}
              strokeWidth={2}
              dot={places.length < 3}
              isAnimationActive={false}
              connectNulls
            />
          ))}
        </LineChart>
      </ResponsiveContainer>
    </figure>
  )
}

export interface BandPoint {
  at: string
  value: number
  low: number
  high: number
}

/** A line within the range that its values may have. */
export function Band({
  label,
  points,
  names,
  writeAt,
  write,
  writeBand,
}: {
  label: string
  points: readonly BandPoint[]
  names: { value: string; band: string }
  writeAt: WriteAt
  write: Write
  writeBand: (low: number, high: number) => string
}) {
  return (
    <figure aria-label={label}>
      <ul className="mb-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
        <li className="flex items-center gap-1.5">
          <span aria-hidden className="h-0.5 w-3.5 rounded" style={{ background: colour(0) }} />
          {names.value}
        </li>
        <li className="flex items-center gap-1.5">
          <span aria-hidden className="h-2.5 w-3.5 rounded-sm opacity-25" style={{ background: colour(0) }} />
          {names.band}
        </li>
      </ul>
      <ResponsiveContainer width="100%" height={HEIGHT - 24}>
        <ComposedChart data={points.map((point) => ({ ...point, band: [point.low, point.high] }))} margin={MARGIN}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis dataKey="at" tickFormatter={writeAt} minTickGap={28} {...AXIS} />
          <YAxis width={58} tickFormatter={write} {...AXIS} axisLine={false} />
          <Tooltip
            isAnimationActive={false}
            cursor={{ stroke: 'var(--muted)' }}
            content={({ active, payload }) => {
              const point = payload?.[0]?.payload as BandPoint | undefined
              return active && point ? (
                <Box title={writeAt(point.at)}>
                  <p className="font-medium">{write(point.value)}</p>
                  <p className="text-soft">{writeBand(point.low, point.high)}</p>
                </Box>
              ) : null
            }}
          />
          <RangeArea dataKey="band" stroke="none" fill={colour(0)} fillOpacity={0.18} isAnimationActive={false} activeDot={false} />
          <Line dataKey="value" stroke={colour(0)} strokeWidth={2} dot={points.length < 3} isAnimationActive={false} />
        </ComposedChart>
      </ResponsiveContainer>
    </figure>
  )
}

function colour(index: number): string {
  return `var(--series-${(index % 6) + 1})`
}

export interface Part {
  /** What `onChoose` gets. */
  key: string
  name: string
  value: number
  text: string
}

/** Parts of a whole as areas of its size. */
export function Areas({ label, parts, onChoose }: { label: string; parts: readonly Part[]; onChoose: (key: string) => void }) {
  return (
    <figure aria-label={label}>
      <ResponsiveContainer width="100%" height={HEIGHT}>
        <Treemap
          data={parts.map((part) => ({ name: part.name, value: part.value, text: part.text, chosen: part.key }))}
          dataKey="value"
          nameKey="name"
          isAnimationActive={false}
          content={(node) => <Area {...(node as unknown as AreaProps)} onChoose={onChoose} />}
        />
      </ResponsiveContainer>
    </figure>
  )
}

interface AreaProps {
  x: number
  y: number
  width: number
  height: number
  index: number
  depth: number
  chosen: string
  name: string
  text: string
}

function Area({ x, y, width, height, index, depth, chosen, name, text, onChoose }: AreaProps & { onChoose: (key: string) => void }) {
  if (depth !== 1) return <g />
  const letters = Math.floor((width - 16) / 7)
  const isLarge = height > 40 && letters > 5
  return (
    <g onClick={() => onChoose(chosen)} className="cursor-pointer">
      <rect x={x} y={y} width={width} height={height} rx={4} fill={colour(index)} fillOpacity={0.2} stroke="var(--surface)" strokeWidth={3} />
      {isLarge && (
        <>
          <text x={x + 10} y={y + 20} fill="var(--ink)" fontSize={12} fontWeight={500}>
            {name.length > letters ? `${name.slice(0, letters - 1)}…` : name}
          </text>
          <text x={x + 10} y={y + 37} fill="var(--soft)" fontSize={12}>
            {text.length > letters ? text.split(' · ')[0] : text}
          </text>
        </>
      )}
      <title>{`${name}: ${text}`}</title>
    </g>
  )
}
