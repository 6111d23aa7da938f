import { type Role, sightOf } from './roles.ts'

/** A part of the console that this process can serve. */
export interface Section {
  /** As in the table of the page, `console/page/sections.ts`. */
  readonly name: string
  /** Whether somebody with these roles may look at it; undefined: there are no roles. */
  isFor(roles: readonly Role[] | undefined): boolean
}

/** Logs as they pass. */
export const logsSection: Section = Object.freeze({
  name: 'logs',
  isFor: (roles: readonly Role[] | undefined) => sightOf(roles, true) !== undefined,
})

/** Executions of Make.com, for those who operate scenarios and those who make them. */
export const executionsSection: Section = Object.freeze({
  name: 'executions',
  isFor: (roles: readonly Role[] | undefined) =>
    roles === undefined || roles.includes('operations') || roles.includes('developers'),
})

/** What workers do: for those who operate them. */
export const streamsSection: Section = Object.freeze({
  name: 'streams',
  isFor: (roles: readonly Role[] | undefined) => roles === undefined || roles.includes('operations'),
})

/** Numbers about logs, of which none is in them: for everybody who has a role. */
export const analyticsSection: Section = Object.freeze({
  name: 'analytics',
  isFor: (roles: readonly Role[] | undefined) => roles === undefined || roles.length > 0,
})

/** Alerts that fire: pages of people who see no logs may have them. */
export const alertsSection: Section = Object.freeze({
  name: 'alerts',
  isFor: (roles: readonly Role[] | undefined) => roles === undefined || roles.length > 0,
})
