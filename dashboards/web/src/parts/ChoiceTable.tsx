/** A panel over a table of which one part at a time is shown, such as the rows of one status. */

import { useState } from 'react'
import type { Parameters } from '../api/client'
import { useTable } from '../api/queries'
import type { Column } from '../format/columns'
import { Select } from './controls'
import { DataPanel, useScope, type Covered } from './Panel'

export function ChoiceTable<Row extends object, Name extends string>({
  title,
  path,
  columns,
  covers,
  label,
  choices,
  first,
  parameters,
  drilldown,
  empty,
  hasMoney = true,
  limit = 25,
  className = 'xl:col-span-2',
}: {
  title: string
  path: string
  columns: readonly Column<Row>[]
  covers: Covered
  /** What is chosen, for screen readers. */
  label: string
  /** What can be chosen, by what stands for it. */
  choices: Record<Name, string>
  /** What is chosen at first. */
  first: NoInfer<Name>
  parameters: (choice: Name) => Parameters
  /** The rows that `All rows` opens. */
  drilldown: (choice: Name) => string
  empty: string
  hasMoney?: boolean
  limit?: number
  className?: string
}) {
  const [choice, setChoice] = useState<Name>(first)
  const query = useTable<Row>(path, { ...parameters(choice), limit })
  const scope = useScope(query.data, covers, hasMoney)
  return (
    <DataPanel
      title={title}
      scope={scope}
      query={query}
      rows={(page) => page.data}
      columns={columns}
      empty={empty}
      drilldown={drilldown(choice)}
      className={className}
      choice={
        <Select label={label} value={choice} onChange={(event) => setChoice(event.target.value as Name)}>
          {(Object.keys(choices) as Name[]).map((one) => (
            <option key={one} value={one}>
              {choices[one]}
            </option>
          ))}
        </Select>
      }
    />
  )
}

/** `all` restricts to nothing. */
export function unlessAll(choice: string): string | undefined {
  return choice === 'all' ? undefined : choice
}
