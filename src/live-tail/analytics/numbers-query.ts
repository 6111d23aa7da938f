import { MillraceError } from '../../core/errors.ts'
import { nearestOf } from '../../core/unknown-names.ts'
import { timeParameter } from '../tail-filter.ts'
import type { NumbersQuery } from './numbers-shape.ts'

const parameterNames = ['from', 'to', 'range', 'step', 'service'] as const
const defaultRangeMs = 3_600_000
const rangeMsMax = 31 * 86_400_000
const stepsMax = 500
/** The default step is the first of these that makes not more steps. */
const defaultSteps = 120
const secondsOfSteps = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400] as const
const nameLengthMax = 200
/** Pages that ask for the same range within a short part of it share an answer: 1 s of an hour, 24 s of a day. */
const sharedPart = 3600

/** Reads what a request asks for. Default: the last hour, in about a hundred steps. Throws LIVE_TAIL_FILTER. */
export function queryOfParameters(parameters: URLSearchParams, nowMs: number): NumbersQuery {
  for (const name of parameters.keys()) {
    if ((parameterNames as readonly string[]).includes(name)) continue
    const nearest = nearestOf(name, parameterNames)
    const fix = nearest === undefined ? `give ${parameterNames.join(', ')}` : `did you mean ${nearest}?`
    throw refused(`${name} is no parameter: ${fix}`)
  }
  const rangeGivenMs = rangeOf(parameters.get('range'))
  const toMs = timeParameter(parameters, 'to') ?? roundedUp(nowMs, rangeGivenMs / sharedPart)
  const fromMs = timeParameter(parameters, 'from') ?? toMs - rangeGivenMs
  if (fromMs >= toMs) throw refused('from is not before to: give an earlier time')
  const rangeMs = toMs - fromMs
  if (rangeMs > rangeMsMax) throw refused(`from and to are ${rangeMs} ms apart: give at most ${rangeMsMax} ms, 31 days`)
  const service = parameters.get('service') ?? undefined
  if (service !== undefined && service.length > nameLengthMax)
    throw refused(`service has ${service.length} characters: give at most ${nameLengthMax}`)
  return {
    fromMs,
    toMs,
    stepMs: stepOf(parameters.get('step'), rangeMs),
    service: service === '' ? undefined : service,
  }
}

function roundedUp(timeMs: number, toMs: number): number {
  const wholeMs = Math.max(1000, Math.ceil(toMs))
  return Math.ceil(timeMs / wholeMs) * wholeMs
}

/** How far back, by the clock of the server: that of a page may be another one. */
function rangeOf(text: string | null): number {
  if (text === null || text === '') return defaultRangeMs
  const rangeMs = /^\d{1,12}$/.test(text) ? Number(text) : 0
  if (rangeMs < 1000) throw refused(`range is '${text}': give at least 1000 milliseconds`)
  return rangeMs
}

function stepOf(text: string | null, rangeMs: number): number {
  if (text === null || text === '') {
    const seconds = secondsOfSteps.find((one) => rangeMs / (one * 1000) <= defaultSteps)
    return 1000 * (seconds ?? 86_400)
  }
  const stepMs = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN
  if (!(stepMs >= 1000)) throw refused(`step is '${text}': give at least 1000 milliseconds`)
  if (rangeMs / stepMs <= stepsMax) return stepMs
  throw refused(
    `step is ${stepMs}, which makes more than ${stepsMax} steps: give at least ${Math.ceil(rangeMs / stepsMax)}`,
  )
}

function refused(sentence: string): MillraceError {
  return new MillraceError('LIVE_TAIL_FILTER', 'fatal', sentence)
}
