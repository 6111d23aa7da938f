import type { AlertRequestKind } from '../../alerts/notices/alert-request.ts'
import type { Match } from '../../alerts/notices/matcher.ts'

/** Where the alerts of the fleet are, for people who see and handle them. */
export interface AlertDeskOptions {
  /** The changelog of the groups of alerts: `<application>-alert-groups-changelog`. */
  readonly groupsTopic: string
  /** Silences, by their ids. */
  readonly silencesTopic: string
  /** Where it is written that somebody takes care of a group. */
  readonly acknowledgementsTopic: string
  /** How receivers are reached, by their names, such as `{ mail: 'email' }`. Default: not known. */
  readonly channels?: Readonly<Record<string, string>> | undefined
  /**
   * Receivers of what people ask for, as the notices of the worker name them in `requests`. Default: none, and nothing can be
   * asked for.
   */
  readonly requests?: Readonly<Partial<Record<AlertRequestKind, readonly string[]>>> | undefined
  /**
   * Alerts that only operations and auditors see, as they may see security logs. Default: those of Sigma rules, and those
   * whose label `class` is `security` or `audit`.
   */
  readonly security?: readonly Match[] | undefined
}

export const defaultSecurity: readonly Match[] = Object.freeze([{ rule: 'sigma-*' }, { class: ['security', 'audit'] }])
