/** A small line without axes: how a figure went. */

const WIDTH = 120
const HEIGHT = 32

/** The points of a line in the box, as an SVG path. */
export function pathOf(values: readonly number[], width = WIDTH, height = HEIGHT): string {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const step = width / Math.max(1, values.length - 1)
  const points = values.map((value, index) => {
    const share = high === low ? 0.5 : (value - low) / (high - low)
    return `${round(index * step)} ${round(height - 2 - share * (height - 4))}`
  })
  return `M${points.join('L')}`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

export function Sparkline({ values, label }: { values: readonly number[]; label: string }) {
  if (values.length < 2) return <div className="h-8" />
  const path = pathOf(values)
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className="h-8 w-full">
      <path d={`${path}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} fill="var(--accent-soft)" opacity="0.6" />
      <path d={path} fill="none" stroke="var(--accent-line)" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
    </svg>
  )
}
