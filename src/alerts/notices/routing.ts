import { hash } from 'node:crypto'
import type { AlertChange } from '../alert-change.ts'
import { wholeCharacters } from '../rules/whole-characters.ts'
import { severities } from '../severity.ts'
import { factOf } from './matcher.ts'
import type { RoutePlan } from './notice-plan.ts'

/** A change on its way to a group of alerts with common notices. */
export interface RoutedChange {
  /** Key of the group: of its state, and of the topic on which the change goes there. */
  readonly groupKey: string
  /** Name of the route. */
  readonly route: string
  /**
   * Whether the alert belongs to the group now. False: its severity leads elsewhere now, and a group that has the alert
   * treats it as resolved.
   */
  readonly isMember: boolean
  /** As it came. */
  readonly change: AlertChange
}

/**
 * The groups that a change concerns: those that its alert belongs to now, and those that it may have belonged to with
 * another severity. It needs no state, so that a repeated change takes the same ways.
 */
export function routesOf(routes: readonly RoutePlan[], change: AlertChange): readonly RoutedChange[] {
  const members = matching(routes, change)
  const possible = new Set(severities.flatMap((severity) => matching(routes, { ...change, severity })))
  return routes
    .filter((route) => possible.has(route))
    .map((route) => ({
      groupKey: groupKeyOf(route, change),
      route: route.name,
      isMember: members.includes(route),
      change,
    }))
}

function matching(routes: readonly RoutePlan[], change: AlertChange): readonly RoutePlan[] {
  const found: RoutePlan[] = []
  for (const route of routes) {
    if (!route.matches(change)) continue
    found.push(route)
    if (!route.continues) break
  }
  return found
}

/** Services that take a key refuse one that is longer than 255 characters; a key also gets a time and a receiver. */
const keyCharactersMax = 160

function groupKeyOf(route: RoutePlan, change: AlertChange): string {
  const facts = [route.name, ...route.groupBy.map((name) => factOf(change, name))]
  const key = facts.map((fact) => encodeURIComponent(wholeCharacters(fact))).join('/')
  if (key.length <= keyCharactersMax) return key
  return `${key.slice(0, keyCharactersMax - 17)}-${hash('sha256', key, 'hex').slice(0, 16)}`
}
