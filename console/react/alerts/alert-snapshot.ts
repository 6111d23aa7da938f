import type {
  ShownAlert,
  ShownAlerts,
  ShownGroup,
  ShownReceiver,
  ShownSilence,
} from '../../../src/live-tail/alerts/alerts-shape.ts'

export type {
  ShownAlert as Alert,
  ShownAlerts as AlertSnapshot,
  ShownGroup as AlertGroup,
  ShownReceiver as Receiver,
  ShownSilence as Silence,
}

/** How bad an alert is, from the worst. */
export const severities = ['critical', 'high', 'medium', 'low'] as const satisfies readonly ShownAlert['severity'][]
/** One of `severities`. */
export type Severity = ShownAlert['severity']

/** What somebody can ask for about a group, where receivers are named for it. */
export const alertRequests = ['escalate', 'incident'] as const satisfies readonly (keyof ShownGroup['asked'])[]
/** One of `alertRequests`. */
export type AlertRequest = (typeof alertRequests)[number]
