/** What is wrong now and since when, the worst first, and who looks after it. */

import { useState } from 'react'
import { useAlerts, worstFirst } from '../../api/alerts'
import type { Alert } from '../../api/marts'
import type { Column } from '../../format/columns'
import { Segments } from '../../parts/controls'
import { DataPanel, useScope } from '../../parts/Panel'
import { COLUMNS } from '../../state/drilldowns'
import { texts } from '../../texts'

const t = texts.alerts
type State = keyof typeof t.states
/** Beside the state that is chosen: an alert that fires is not resolved, and one that is resolved needs nobody. */
const LEFT_OUT: Record<State, readonly (keyof Alert)[]> = {
  firing: ['state', 'resolved_at'],
  resolved: ['state', 'acknowledged_by'],
}

export function Alerts() {
  const [state, setState] = useState<State>('firing')
  const query = useAlerts(state)
  const scope = useScope(query.data, 'live', false)
  return (
    <DataPanel
      title={t.title}
      scope={scope}
      query={query}
      rows={(page) => worstFirst(page.data)}
      columns={COLUMNS.alerts.filter((column) => !LEFT_OUT[state].includes(column.key)) as Column<Alert>[]}
      empty={state === 'firing' ? t.noAlerts : t.noResolved}
      drilldown={`alerts:${state}`}
      className="xl:col-span-2"
      choice={
        <Segments<State>
          label={t.state}
          choices={(Object.keys(t.states) as State[]).map((value) => ({ value, label: t.states[value] }))}
          value={state}
          onChoose={setState}
        />
      }
    />
  )
}
