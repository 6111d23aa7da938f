import type { NoticesDefinition } from '../../../src/alerts/notices/definition.ts'
import { durationMs } from '../../../src/pipelines/steps/options.ts'
import type { Notice } from '../../../src/alerts/notice.ts'
import { severities } from '../../../src/alerts/severity.ts'
import type { AlertHistory } from './history.ts'
import type { Delivery, Played } from './play.ts'

/** What must hold for every history: sentences for what does not; empty: all is right. */
export function brokenRules(history: AlertHistory, played: Played, definition: NoticesDefinition): readonly string[] {
  const isSetBack = history.happenings.some(({ kind, ms = 0 }) => kind === 'clock' && ms < 0)
  const first = firstDeliveries(played.deliveries)
  return [
    ...tooOften(played),
    ...withoutFire(first),
    ...unresolved(first),
    ...(isSetBack ? [] : unevenRepeats(first, definition)),
    ...unheard(played, definition),
    ...(played.isForgotten ? [] : ['a state is kept for nothing']),
  ]
}

/** A notice comes once, and once more for each time that another owner had to continue in between. */
function tooOften({ deliveries, takeoversMs }: Played): readonly string[] {
  const lastMs = new Map<string, number>()
  return deliveries.flatMap(({ notice: { id }, sentMs }) => {
    const beforeMs = lastMs.get(id)
    lastMs.set(id, sentMs)
    if (beforeMs === undefined || takeoversMs.some((atMs) => atMs >= beforeMs && atMs <= sentMs)) return []
    return [`${id} came again ${sentMs - beforeMs} ms later, and nobody had taken over`]
  })
}

/** As receivers do it that know ids. */
function firstDeliveries(deliveries: readonly Delivery[]): readonly Notice[] {
  const seen = new Set<string>()
  return deliveries.map(({ notice }) => notice).filter(({ id }) => !seen.has(id) && seen.add(id))
}

/** Which groups a notice opens: a digest opens all of which it tells. */
function opens(notices: readonly Notice[], { kind, dedupKey, alerts, receiver }: Notice): readonly string[] {
  if (kind === 'resolve' || kind === 'acknowledge') return []
  if (kind !== 'digest') return [dedupKey]
  // The route of that receiver groups by rule.
  const rules = new Set(alerts.map(({ rule }) => rule))
  const later = notices.filter((one) => one.receiver === receiver && one.kind !== 'digest')
  return [...new Set(later.map((one) => one.dedupKey))].filter((key) => rules.has(key.split(/[/@]/)[1] ?? ''))
}

function withoutFire(notices: readonly Notice[]): readonly string[] {
  const open = new Set<string>()
  const problems: string[] = []
  for (const notice of notices) {
    const { receiver, dedupKey, kind, id } = notice
    const opened = `${receiver} ${dedupKey}`
    if (kind === 'acknowledge' && !open.has(opened)) problems.push(`${id} acknowledges what was not sent`)
    if (kind === 'resolve' && !open.delete(opened)) problems.push(`${id} resolves what was not sent`)
    for (const key of opens(notices, notice)) open.add(`${receiver} ${key}`)
  }
  return problems
}

/** In the end, all is resolved that was sent, by itself or in a digest. */
function unresolved(notices: readonly Notice[]): readonly string[] {
  const open = new Set<string>()
  for (const { receiver, dedupKey, kind, alerts } of notices) {
    const group = dedupKey.slice(0, dedupKey.indexOf('@'))
    if (kind === 'resolve') {
      open.delete(`${receiver} ${dedupKey}`)
      open.delete(`${receiver} ${group}`)
    } else if (kind !== 'digest') open.add(`${receiver} ${dedupKey}`)
    // The receiver of digests is that of the route `rest`.
    else for (const { rule } of alerts) open.add(`${receiver} rest/${rule}`)
  }
  return [...open].map((key) => `${key} is never resolved`)
}

/** A reminder is due a whole number of intervals after the notice before it, or after quiet hours. */
function unevenRepeats(notices: readonly Notice[], { routes }: NoticesDefinition): readonly string[] {
  const anchors = new Map<string, number>()
  const problems: string[] = []
  for (const { receiver, dedupKey, kind, timeMs, id } of notices) {
    const route = routes.find(({ name }) => dedupKey.startsWith(`${name}/`))
    const anchorMs = anchors.get(`${receiver} ${dedupKey}`) ?? anchors.get(receiver)
    if (kind === 'repeat' && (timeMs - (anchorMs ?? 0)) % durationMs(route?.repeat ?? '4h') !== 0) {
      problems.push(`${id} comes ${timeMs - (anchorMs ?? 0)} ms after the one before`)
    }
    if (kind === 'digest') {
      // The groups that it tells of begin their count at its time.
      for (const key of anchors.keys()) if (key.startsWith(`${receiver} `)) anchors.delete(key)
      anchors.set(receiver, timeMs)
    } else if (kind === 'fire' || kind === 'repeat' || kind === 'escalate')
      anchors.set(`${receiver} ${dedupKey}`, timeMs)
  }
  return problems
}

/** When all has been quiet for hours, each receiver knows of each alert that still fires and that it is to hear of. */
function unheard({ deliveries, firing, settledCount }: Played, definition: NoticesDefinition): readonly string[] {
  const settled = deliveries.slice(0, settledCount).map(({ notice }) => notice)
  const problems: string[] = []
  for (const { name, minimumSeverity = 'low', fire = true } of definition.receivers) {
    if (!fire) continue
    for (const { key, rule, group, severity } of firing) {
      const isInhibited =
        rule === 'errors' && firing.some((one) => one.rule === 'down' && one.group.service === group.service)
      const isLow = severities.indexOf(severity) < severities.indexOf(minimumSeverity)
      const isRouted = name === 'log' || name === 'chat' || severity === 'critical'
      if (isInhibited || isLow || !isRouted) continue
      const last = settled.findLast(
        ({ receiver, alerts }) => receiver === name && alerts.some((one) => one.key === key),
      )
      if (last === undefined || (last.kind === 'resolve' && last.alerts.some((one) => one.key === key))) {
        problems.push(`${name} does not know that ${key} fires`)
      }
    }
  }
  return problems
}
