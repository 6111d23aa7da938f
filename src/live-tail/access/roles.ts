import type { RedactionRules } from '../../pipelines/redaction/rules.ts'
import { fullSight, type Sight } from '../line-view.ts'

/**
 * - `developers`: application logs, and errors of performance logs
 * - `operations`: all logs
 * - `auditors`: audit and security logs
 * - `readonly`: no logs, only pages and numbers
 */
export const roles = ['developers', 'operations', 'auditors', 'readonly'] as const
/** What somebody is here, which decides what they see. */
export type Role = (typeof roles)[number]

const classesOf: Readonly<Record<Role, readonly string[] | 'all'>> = Object.freeze({
  developers: ['application', 'error'],
  operations: 'all',
  auditors: ['audit', 'security'],
  readonly: [],
})

const unmasking: readonly Role[] = ['operations', 'auditors']

/** Whether the text names a role. */
export function isRole(text: unknown): text is Role {
  return roles.includes(text as Role)
}

/** What roles show together; undefined: no line at all. Without roles, everything. */
export function sightOf(held: readonly Role[] | undefined, isMasked: boolean): Sight | undefined {
  if (held === undefined) return fullSight
  const lists = held.map((role) => classesOf[role])
  if (lists.includes('all')) return { classes: undefined, isMasked }
  const classes = new Set(lists.flat())
  return classes.size === 0 ? undefined : { classes, isMasked }
}

/** Whether masked values may be shown to somebody who gives a reason. */
export function mayUnmask(held: readonly Role[] | undefined): boolean {
  return held === undefined || held.some((role) => unmasking.includes(role))
}

/** Whether somebody may say what becomes of an alert. */
export function mayAct(held: readonly Role[] | undefined): boolean {
  return held === undefined || held.includes('operations')
}

/** Whether somebody sees logs of a class, or everything. */
export function seesClass(held: readonly Role[] | undefined, name: string): boolean {
  const sight = sightOf(held, false)
  return sight !== undefined && (sight.classes === undefined || sight.classes.has(name))
}

/** What is masked for everybody who does not ask for it: who a person is. */
export const defaultMasks: RedactionRules = Object.freeze({
  rules: [
    { name: 'person', names: ['user id', 'user name', 'username', 'login'] },
    { name: 'ip', names: ['ip', 'client ip', 'remote addr', 'remote address'] },
    { name: 'ip', detector: 'ip' },
  ],
} satisfies RedactionRules)
