import { lazy } from 'react'
import type { Section } from './section.ts'

/** All sections in the order of the navigation. The first one is shown where the address names none. */
export const sections: readonly Section[] = Object.freeze([
  {
    path: 'logs',
    title: 'Live tail',
    component: lazy(async () => ({ default: (await import('./logs-section.tsx')).LogsSection })),
  },
  {
    path: 'analytics',
    title: 'Analytics',
    component: lazy(async () => ({ default: (await import('./analytics-section.tsx')).AnalyticsSection })),
  },
  {
    path: 'alerts',
    title: 'Alerts',
    component: lazy(async () => ({ default: (await import('./alerts-section.tsx')).AlertsSection })),
  },
  {
    path: 'streams',
    title: 'Streams',
    component: lazy(async () => ({ default: (await import('./streams-section.tsx')).StreamsSection })),
  },
  {
    path: 'executions',
    title: 'Executions',
    component: lazy(async () => ({ default: (await import('./executions-section.tsx')).ExecutionsSection })),
  },
])
