/** Period, channel and country: they stand in the page's address. */

import { useMetric } from '../api/queries'
import * as format from '../format/format'
import { RANGES, type Range } from '../state/period'
import { useSearch } from '../state/search'
import { useShop } from '../state/shop'
import { texts } from '../texts'
import { Button, DateInput, Segments, Select } from './controls'

const t = texts.filters

export function Filters() {
  const [search, change] = useSearch()
  const { period } = useShop()
  const isOwn = search.from !== null
  const isUsual = !isOwn && !search.channel && !search.country && search.range === '30d'
  return (
    <div role="group" aria-label={t.label} className="flex flex-wrap items-center gap-2 md:ml-auto">
      <Segments<Range>
        label={t.range}
        choices={(Object.keys(RANGES) as Range[]).map((value) => ({ value, label: t.ranges[value] }))}
        value={isOwn ? null : search.range}
        onChoose={(range) => change({ range, from: null, to: null })}
      />
      <Dates key={`${period.from} ${period.to}`} />
      <Dimension name="channel" label={t.channel} all={t.allChannels} />
      <Dimension name="country" label={t.country} all={t.allCountries} />
      {!isUsual && (
        <Button onClick={() => change({ range: '30d', from: null, to: null, channel: null, country: null })}>
          {t.reset}
        </Button>
      )}
    </div>
  )
}

function Dates() {
  const [, change] = useSearch()
  const { period, today } = useShop()
  const set = (from: string, to: string) => {
    if (from && to && from <= to) change({ from, to })
  }
  return (
    <span className="inline-flex items-center gap-1 text-soft">
      <DateInput label={t.from} defaultValue={period.from} max={period.to} onChange={(event) => set(event.target.value, period.to)} />
      –
      <DateInput label={t.to} defaultValue={period.to} min={period.from} max={today} onChange={(event) => set(period.from, event.target.value)} />
    </span>
  )
}

/** The values that orders have, whatever the period. */
function Dimension({ name, label, all }: { name: 'channel' | 'country'; label: string; all: string }) {
  const [search, change] = useSearch()
  const known = useMetric('placed_order_count', { by: name })
  const values = known.data?.data.map((row) => row[name]).filter((value) => typeof value === 'string' && value !== '') ?? []
  const chosen = search[name]
  const options = chosen && !values.includes(chosen) ? [chosen, ...values] : values
  return (
    <Select label={label} value={chosen ?? ''} onChange={(event) => change({ [name]: event.target.value || null })}>
      <option value="">{all}</option>
      {options.map((value) => (
        <option key={String(value)} value={String(value)}>
          {name === 'country' ? format.country(value) : format.label(value)}
        </option>
      ))}
    </Select>
  )
}
