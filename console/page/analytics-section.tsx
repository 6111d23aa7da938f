import type { ReactNode } from 'react'
import '../react/styles.css'
import '../react/analytics/dashboard.css'
import { LogAnalyticsDashboard } from '../react/log-analytics-dashboard.tsx'
import type { SectionProps } from './section.ts'

/** Numbers of the last hours. */
export function AnalyticsSection({ base, token, onRefused }: SectionProps): ReactNode {
  return <LogAnalyticsDashboard endpoint={`${base}analytics`} token={token} onRefused={onRefused} />
}
