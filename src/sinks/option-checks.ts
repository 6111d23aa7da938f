import { MillraceError } from '../core/errors.ts'
import { unknownNames } from '../core/unknown-names.ts'
import type { OutputClass } from './port.ts'
import { type BatchOptions, type CommonSinkOptions, type SinkSettings, clockAndLogger } from './sink-factory.ts'

export interface IntegerBounds {
  readonly least: number
  readonly most: number
  readonly otherwise: number
}

/**
 * Checks options one after the other and then reports all that is wrong with them at once. Made by the factory of a
 * sink for the options that it was given; each check returns a usable value in any case, so that the checks behind it
 * continue, and `done` throws if any of them found a problem.
 */
export class OptionChecks {
  readonly #subject: string
  readonly #problems: string[] = []

  constructor(subject: string) {
    this.#subject = subject
  }

  /** Notes a sentence that names field, value and fix. */
  problem(text: string): void {
    this.#problems.push(text)
  }

  /** Refuses options that nobody reads: a misspelt one would have no effect. `path`: what stands before their names. */
  names(given: object, known: object, path = ''): void {
    for (const problem of unknownNames(given, Object.keys(known))) this.problem(path + problem)
  }

  /** A text that is not empty; an error shows what it is instead. */
  text(field: string, value: unknown): string {
    if (typeof value === 'string' && value !== '') return value
    this.problem(`${field} is ${shown(value)}: give a text that is not empty`)
    return ''
  }

  /** Like `text`, for what may not be shown. */
  secret(field: string, value: unknown): string {
    if (typeof value === 'string' && value !== '') return value
    this.problem(`${field} is missing or empty`)
    return ''
  }

  /** A whole number within the bounds; `otherwise` where it is undefined. */
  integer(field: string, value: unknown, { least, most, otherwise }: IntegerBounds): number {
    if (value === undefined) return otherwise
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
    this.problem(`${field} is ${shown(value)}: give an integer from ${least} to ${most}`)
    return otherwise
  }

  /** From 0 to 1. */
  share(field: string, value: unknown, otherwise: number): number {
    if (value === undefined) return otherwise
    if (typeof value === 'number' && value >= 0 && value <= 1) return value
    this.problem(`${field} is ${shown(value)}: give a number from 0 to 1`)
    return otherwise
  }

  /** One of the words; `otherwise` where it is undefined. */
  choice<Choice extends string>(field: string, value: unknown, choices: readonly Choice[], otherwise: Choice): Choice {
    if (value === undefined) return otherwise
    const chosen = choices.find((choice) => choice === value)
    if (chosen === undefined) this.problem(`${field} is ${shown(value)}: give one of ${choices.join(', ')}`)
    return chosen ?? otherwise
  }

  /** http or https addresses without credentials in them. */
  urls(field: string, value: unknown): readonly URL[] {
    const given = Array.isArray(value) ? value : [value]
    if (given.length === 0) this.problem(`${field} is empty: give at least one http or https address`)
    return given.flatMap((one: unknown) => {
      const url = typeof one === 'string' && URL.canParse(one) ? new URL(one) : undefined
      if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
        this.problem(`${field} is ${shown(one)}: give an http or https address`)
        return []
      }
      if (url.username === '' && url.password === '') return [url]
      this.problem(`${field} holds credentials: give them as separate options`)
      return []
    })
  }

  /** Throws INVALID_SETTINGS when anything was wrong. */
  done(): void {
    if (this.#problems.length === 0) return
    throw new MillraceError('INVALID_SETTINGS', 'fatal', `${this.#subject}: ${this.#problems.join('; ')}`, {
      details: { problems: this.#problems },
    })
  }
}

/** The settings of a sink where its options say nothing. */
export interface SinkDefaults extends Required<BatchOptions> {
  readonly inFlight: number
  readonly outputClass: OutputClass
  /** How long a flush waits for a target that takes nothing. Default: 5 s. */
  readonly patienceMs?: number
}

const defaultPatienceMs = 5000

/** The names of an interface of options; a type that gains one does not compile until it is listed. */
export type NamesOf<Options, Common = never> = Readonly<Record<Exclude<keyof Options, keyof Common>, true>>

const commonNames: NamesOf<CommonSinkOptions> = {
  name: true,
  inFlight: true,
  batch: true,
  requestTimeoutMs: true,
  maxRefusedShare: true,
  outputClass: true,
  replayed: true,
  clock: true,
  logger: true,
}

const batchNames: NamesOf<BatchOptions> = {
  maxRecords: true,
  maxBytes: true,
  maxAgeMs: true,
  maxBufferedRecords: true,
  maxBufferedBytes: true,
}

/** The options that every sink has, compiled. `ownNames`: those that this sink has besides. */
export function sinkSettings(
  checks: OptionChecks,
  options: CommonSinkOptions,
  defaults: SinkDefaults,
  ownNames: object = {},
): SinkSettings {
  const { batch = {} } = options
  checks.names(options, { ...commonNames, ...ownNames })
  checks.names(batch, batchNames, 'batch.')
  const positive = (field: keyof BatchOptions, most: number): number =>
    checks.integer(`batch.${field}`, batch[field], { least: 1, most, otherwise: defaults[field] })
  const outputClass = checks.choice(
    'outputClass',
    options.outputClass,
    ['idempotent', 'append', 'side-effect'],
    defaults.outputClass,
  )
  const settings = {
    outputClass,
    replayed: checks.choice(
      'replayed',
      options.replayed,
      ['write', 'mute'],
      outputClass === 'side-effect' ? 'mute' : 'write',
    ),
    name: checks.text('name', options.name),
    maxRecords: positive('maxRecords', 100_000),
    maxBytes: positive('maxBytes', 100 * 1024 * 1024),
    maxAgeMs: positive('maxAgeMs', 3_600_000),
    maxBufferedRecords: positive('maxBufferedRecords', 10_000_000),
    maxBufferedBytes: positive('maxBufferedBytes', 4 * 1024 * 1024 * 1024),
    inFlight: checks.integer('inFlight', options.inFlight, { least: 1, most: 64, otherwise: defaults.inFlight }),
    requestTimeoutMs: checks.integer('requestTimeoutMs', options.requestTimeoutMs, {
      least: 100,
      most: 600_000,
      otherwise: 30_000,
    }),
    maxRefusedShare: checks.share('maxRefusedShare', options.maxRefusedShare, 0.5),
    patienceMs: defaults.patienceMs ?? defaultPatienceMs,
    ...clockAndLogger(options),
  }
  return Object.freeze(settings)
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : (JSON.stringify(value) ?? typeof value)
}
