/** Alerts that fire or did, as `ops.alerts` has them. */

import type { Alert } from './marts'
import { EVERY, PATHS, useAllRows } from './queries'

/** The alerts of a state, in one question for all that show them. */
export function useAlerts(state: 'firing' | 'resolved') {
  return useAllRows<Alert>(PATHS.alerts, { state }, EVERY.alerts)
}

const SEVERITY = ['critical', 'warning', 'info']

/** The most severe first, among equals the newest. */
export function worstFirst(alerts: readonly Alert[]): Alert[] {
  return alerts.toSorted(
    (one, other) =>
      SEVERITY.indexOf(one.severity) - SEVERITY.indexOf(other.severity) ||
      (other.since ?? '').localeCompare(one.since ?? '') ||
      `${one.rule} ${one.subject}`.localeCompare(`${other.rule} ${other.subject}`),
  )
}
