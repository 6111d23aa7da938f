// `@millrace/react`: what shows logs and alerts of a live tail.
export type { Severity } from './alerts/alert-snapshot.ts'
export { RealTimeAlerts, type RealTimeAlertsProps } from './alerts/real-time-alerts.tsx'
export { LogStreamViewer, type LogStreamViewerProps } from './log-stream-viewer.tsx'
export type { RefusedState } from './stream/connection-state.ts'
export type { LinePlace } from './stream/log-line.ts'
export { type LineLayout, type LogFilters, type LogView, parametersOfView, viewOfParameters } from './view/log-view.ts'
