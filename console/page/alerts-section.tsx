import type { ReactNode } from 'react'
import '../react/styles.css'
import '../react/alerts/alerts.css'
import { RealTimeAlerts } from '../react/real-time-alerts.tsx'
import { type LogView, parametersOfView } from '../react/view/log-view.ts'
import type { SectionProps } from './section.ts'

/** The alerts that fire. */
export function AlertsSection({ base, token, onRefused }: SectionProps): ReactNode {
  return <RealTimeAlerts endpoint={`${base}alerts`} token={token} linkToLogs={addressOfLogs} onRefused={onRefused} />
}

/** In the section with the logs. */
function addressOfLogs(view: LogView): string {
  const address = new URL('.', document.baseURI)
  address.search = parametersOfView(view).toString()
  address.hash = '#/logs'
  return address.href
}
