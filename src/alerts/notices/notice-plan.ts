import { isZone } from '../../core/zone-clock.ts'
import { at, each, PipelineMistake, together } from '../../pipelines/mistake.ts'
import { durationMs } from '../../pipelines/steps/options.ts'
import { severities, type Severity } from '../severity.ts'
import {
  defaultEscalations,
  type EscalationStepDefinition,
  type FlappingDefinition,
  type NoticesDefinition,
  type ReceiverDefinition,
  type RequestsDefinition,
  type RouteDefinition,
  type StormDefinition,
} from './definition.ts'
import type { FlappingPlan } from './flapping.ts'
import { compileInhibitions, type Inhibition } from './inhibition.ts'
import { type AlertRequestKind, alertRequestKinds } from './alert-request.ts'
import { compileMatch, type Match, type Matcher } from './matcher.ts'
import { QuietHours } from './quiet-hours.ts'

/** What a receiver may be sent, apart from digests, which are part of its quiet hours. */
export type Switch = 'fire' | 'repeat' | 'escalate' | 'resolve'

export interface ReceiverPlan {
  readonly name: string
  readonly minimumSeverity: Severity
  readonly switches: Readonly<Record<Switch, boolean>>
  readonly quiet: QuietPlan | null
  /** null: all notices are sent by themselves. */
  readonly storm: StormPlan | null
}

/** So many notices within a time are sent by themselves. */
export interface StormPlan {
  readonly notices: number
  readonly withinMs: number
  /** A summary of the others comes that often. */
  readonly summaryMs: number
}

export interface QuietPlan {
  readonly hours: QuietHours
  /** null: no severity passes. */
  readonly passes: Severity | null
  readonly atEnd: 'digest' | 'fire'
}

export interface RoutePlan {
  readonly name: string
  readonly matches: Matcher
  readonly receivers: readonly string[]
  readonly groupBy: readonly string[]
  readonly waitMs: number
  readonly intervalMs: number
  /** null: no reminders. */
  readonly repeatMs: number | null
  readonly escalates: boolean
  readonly continues: boolean
}

export interface EscalationStep {
  readonly afterMs: number
  readonly teams: readonly string[]
  readonly receivers: readonly string[]
}

/** A definition of notices, compiled and frozen. */
export interface NoticePlan {
  /** By name. */
  readonly receivers: ReadonlyMap<string, ReceiverPlan>
  /** In the order in which they are tried. */
  readonly routes: readonly RoutePlan[]
  /** Steps by the severity of the worst alert. */
  readonly escalations: Readonly<Record<Severity, readonly EscalationStep[]>>
  /** For `sourceRowsOf`. */
  readonly inhibitions: readonly Inhibition[]
  /** null: nothing flaps. */
  readonly flapping: FlappingPlan | null
  /** Receivers of what people ask for. */
  readonly requests: Readonly<Record<AlertRequestKind, readonly string[]>>
}

/** Throws a PipelineMistake with all mistakes that the schema does not know of. */
export function compileNotices(definition: NoticesDefinition): NoticePlan {
  const names = new Set(definition.receivers.map(({ name }) => name))
  const { escalations, inhibitions = [], flapping = {}, requests = {} } = definition
  const [receivers, routes, steps, compiledInhibitions, compiledFlapping, compiledRequests] = together(
    () => at(['receivers'], () => receiverPlans(definition.receivers)),
    () => at(['routes'], () => routePlans(definition.routes, names)),
    () => at(['escalations'], () => escalationPlans({ ...defaultEscalations, ...escalations }, names)),
    () => at(['inhibitions'], () => compileInhibitions(unique(inhibitions))),
    () => at(['flapping'], () => (flapping === 'off' ? null : flappingPlan(flapping))),
    () => at(['requests'], () => requestPlan(requests, names)),
  )
  return Object.freeze({
    receivers: new Map(receivers.map((receiver) => [receiver.name, receiver])),
    routes,
    escalations: steps,
    inhibitions: compiledInhibitions,
    flapping: compiledFlapping,
    requests: compiledRequests,
  })
}

function unique<Item extends { readonly name: string }>(items: readonly Item[]): readonly Item[] {
  return each(items, (item, index) => {
    if (items.findIndex(({ name }) => name === item.name) === index) return item
    throw new PipelineMistake(`there is another '${item.name}' before: rename one of the two`, index, 'name')
  })
}

function receiverPlans(receivers: readonly ReceiverDefinition[]): readonly ReceiverPlan[] {
  const [plans] = together(
    () => each(receivers, receiverPlan),
    () => unique(receivers),
  )
  return plans
}

function receiverPlan(definition: ReceiverDefinition, index: number): ReceiverPlan {
  const { name, minimumSeverity = 'low', quietHours, storm } = definition
  const { fire = true, repeat = true, escalate = true, resolve = true } = definition
  return Object.freeze({
    name,
    minimumSeverity,
    switches: Object.freeze({ fire, repeat, escalate, resolve }),
    quiet: quietHours === undefined ? null : at([index, 'quietHours'], () => quietPlan(quietHours)),
    storm: storm === undefined ? null : at([index, 'storm'], () => stormPlan(storm)),
  })
}

const summariesOfStorm = 5

function stormPlan({ notices = 20, within = '10m', summary }: StormDefinition): StormPlan {
  const withinMs = durationMs(within)
  if (withinMs < 10_000) throw new PipelineMistake(`${within} is too short: write 10s or more`, 'within')
  const summaryMs = summary === undefined ? withinMs / summariesOfStorm : durationMs(summary)
  if (summaryMs >= 1000 && summaryMs <= withinMs) return Object.freeze({ notices, withinMs, summaryMs })
  throw new PipelineMistake(`${summary} is shorter than 1s or longer than ${within}: write a time between`, 'summary')
}

function quietPlan(definition: NonNullable<ReceiverDefinition['quietHours']>): QuietPlan {
  const { zone, times, passes = 'critical', atEnd = 'digest' } = definition
  together(
    () => {
      if (isZone(zone)) return
      throw new PipelineMistake(`there is no zone '${zone}': write the name of a place, such as Europe/Berlin`, 'zone')
    },
    () =>
      each(times, ({ from, to }, index) => {
        if (from !== to) return
        const fix = 'for a whole day, write 00:00 to 24:00'
        throw new PipelineMistake(`it begins and ends at ${from}: ${fix}`, 'times', index)
      }),
  )
  return Object.freeze({ hours: new QuietHours(definition), passes: passes === 'none' ? null : passes, atEnd })
}

function routePlans(routes: readonly RouteDefinition[], receivers: ReadonlySet<string>): readonly RoutePlan[] {
  const [plans] = together(
    () => each(unique(routes), (route, index) => at([index], () => routePlan(route, receivers))),
    () => checkEnd(routes),
  )
  return plans
}

/** The last route takes all alerts, and no route before it does. */
function checkEnd(routes: readonly RouteDefinition[]): void {
  const last = routes.length - 1
  const end = routes.findIndex((route) => takesAll(route) && route.continue !== true)
  if (end >= 0 && end < last) {
    const fix = 'add match or continue: true here, or move it to the end'
    throw new PipelineMistake(`it takes all alerts, and the routes after it get none: ${fix}`, end)
  }
  if (routes[last]?.match === undefined) return
  const fix = 'add a last route without match'
  throw new PipelineMistake(`alerts that no route matches would reach nobody: ${fix}`, last, 'match')
}

function takesAll({ match = {} }: RouteDefinition): boolean {
  return Object.keys(match).length === 0
}

function routePlan(route: RouteDefinition, receivers: ReadonlySet<string>): RoutePlan {
  const { match = {}, groupBy = ['rule'], wait = '30s', interval = '5m', repeat = '4h' } = route
  together(
    () => checkReceivers(route.receivers, receivers, 'receivers'),
    () => checkGroupBy(groupBy),
    () => at(['repeat'], () => checkRepeat(repeat)),
    () => at(['match'], () => checkSeverities(match)),
  )
  return Object.freeze({
    name: route.name,
    matches: compileMatch(match),
    receivers: route.receivers,
    groupBy,
    waitMs: durationMs(wait),
    intervalMs: durationMs(interval),
    repeatMs: repeat === 'never' ? null : durationMs(repeat),
    escalates: route.escalate ?? true,
    continues: route.continue ?? false,
  })
}

/** A severity that there is not would be a route that no alert takes. */
function checkSeverities({ severity = [] }: Match): void {
  for (const text of [severity].flat()) {
    const name = text.replace(/^!/, '')
    if (name.includes('*') || severities.some((one) => one === name)) continue
    throw new PipelineMistake(`there is no severity '${name}': write one of ${severities.join(', ')}`, 'severity')
  }
}

function checkGroupBy(groupBy: readonly string[]): void {
  const index = groupBy.indexOf('severity')
  if (index < 0) return
  const why = 'the severity of an alert changes, and its resolve would miss its group'
  throw new PipelineMistake(`${why}: write two routes that match severities`, 'groupBy', index)
}

function checkRepeat(repeat: string): void {
  if (repeat !== 'never' && durationMs(repeat) < 1000) {
    throw new PipelineMistake(`${repeat} is too short: write 1s or more, or never`)
  }
}

function checkReceivers(names: readonly string[], known: ReadonlySet<string>, place: string): void {
  each(names, (name, index) => {
    if (known.has(name)) return
    throw new PipelineMistake(`there is no receiver '${name}': write one of ${[...known].join(', ')}`, place, index)
  })
}

function escalationPlans(
  escalations: Readonly<Record<Severity, readonly EscalationStepDefinition[]>>,
  receivers: ReadonlySet<string>,
): Readonly<Record<Severity, readonly EscalationStep[]>> {
  const plans = each(severities, (severity) => at([severity], () => stepPlans(escalations[severity], receivers)))
  const result = Object.fromEntries(severities.map((severity, index) => [severity, plans[index]]))
  return Object.freeze(result as Record<Severity, readonly EscalationStep[]>)
}

function stepPlans(steps: readonly EscalationStepDefinition[], known: ReadonlySet<string>): readonly EscalationStep[] {
  return each(steps, ({ after, teams, receivers = [] }, index) =>
    at([index], () => {
      const [afterMs] = together(
        () => afterMsOf(after, steps[index - 1]),
        () => checkReceivers(receivers, known, 'receivers'),
      )
      return Object.freeze({ afterMs, teams, receivers })
    }),
  )
}

/** `before` is the step before; undefined: there is none. */
function afterMsOf(after: string | undefined, before: EscalationStepDefinition | undefined): number {
  if (before === undefined) {
    if (after === undefined) return 0
    throw new PipelineMistake('the first step comes with the first notice: remove after', 'after')
  }
  if (after === undefined) throw new PipelineMistake('needs after: write a duration, such as 15m')
  const afterMs = durationMs(after)
  if (afterMs > durationMs(before.after ?? '0s')) return afterMs
  throw new PipelineMistake('it is not later than the step before: write a longer duration', 'after')
}

function flappingPlan({ check = '1m', checks = 20, enter = 20, leave = 5 }: FlappingDefinition): FlappingPlan {
  if (leave >= enter) {
    throw new PipelineMistake(`${leave} is not below enter, which is ${enter}: write a smaller number`, 'leave')
  }
  return Object.freeze({ checkMs: durationMs(check), checks, enter: enter / 100, leave: leave / 100 })
}

function requestPlan(requests: RequestsDefinition, names: ReadonlySet<string>): NoticePlan['requests'] {
  const entries = alertRequestKinds.map((kind) => {
    const receivers = each(requests[kind] ?? [], (name, index) => {
      if (names.has(name)) return name
      throw new PipelineMistake(`there is no receiver '${name}': write one of ${[...names].join(', ')}`, kind, index)
    })
    return [kind, Object.freeze(receivers)] as const
  })
  return Object.freeze(Object.fromEntries(entries) as Record<AlertRequestKind, readonly string[]>)
}
