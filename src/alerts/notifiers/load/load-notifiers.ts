import type { Clock } from '../../../core/clock.ts'
import { MillraceError } from '../../../core/errors.ts'
import type { Logger } from '../../../core/logger.ts'
import { schemaCheck } from '../../../pipelines/load/schema-mistakes.ts'
import { type FileMistake, mistakesText, YamlFile } from '../../../pipelines/load/yaml-file.ts'
import { at, each, mistakesOf, PipelineMistake } from '../../../pipelines/mistake.ts'
import { durationMs } from '../../../pipelines/steps/options.ts'
import type { NotifierFactory } from '../notifier-sink.ts'
import { notifierServices } from './notifier-services.ts'
import { notifiersSchema } from './notifiers-schema.ts'
import { type Environment, fromFile, readSecretFrom } from './secret-source.ts'

/** Names all mistakes of a file of notifiers. */
export class NotifiersError extends MillraceError<'INVALID_NOTIFIERS'> {
  /** In the order of their lines. */
  readonly mistakes: readonly FileMistake[]

  constructor(file: string, mistakes: readonly FileMistake[]) {
    super('INVALID_NOTIFIERS', 'fatal', mistakesText(file, mistakes))
    this.mistakes = mistakes
  }
}

/** What all notifiers of a file have in common: where their secrets are, who logs, and their clock. */
export interface LoadNotifiersOptions {
  /** Where secrets are read that the file names as `{ env: NAME }`, or as files in `NAME_FILE`. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Gets a warning when a receiver is delayed, and an error when it is paused. Default: nothing is logged. */
  readonly logger?: Logger
  /** For tests. Default: the clock of the system. */
  readonly clock?: Clock
}

interface Entry {
  readonly name: string
  readonly [service: string]: unknown
}

/**
 * The sinks of a YAML or JSON file of notifiers: a name each, and one service with its options. Secrets are read from
 * variables or files. Throws a NotifiersError that names every mistake with its line.
 *
 * @param file What mistakes call it.
 */
export function loadNotifiers(text: string, file: string, options: LoadNotifiersOptions): readonly NotifierFactory[] {
  const read = new YamlFile(text)
  if (read.unreadable.length > 0) throw new NotifiersError(file, read.unreadable)
  const ofForm = formOfFile(read.value).map(withoutValue)
  const sinks: NotifierFactory[] = []
  const entries = entriesOf(read.value)
  const mistakes = [...ofForm, ...entries.flatMap(made), ...sameNames(entries)]
  if (mistakes.length > 0) throw new NotifiersError(file, read.located(mistakes))
  return sinks

  /** What has not its form is not made, but its secrets are looked for. */
  function made(entry: Entry | undefined, index: number): readonly PipelineMistake[] {
    if (entry === undefined) return []
    const place = ['notifiers', index] as const
    const hasForm = ofForm.every(({ path }) => path[1] !== index)
    return mistakesOf(() => at(place, () => void sinks.push(...notifierOf(entry, options, hasForm))))
  }
}

const formOfFile = schemaCheck(notifiersSchema)

/** Whoever writes a secret where the options of a service are expected does not want to read it in an error. */
function withoutValue(mistake: PipelineMistake): PipelineMistake {
  const [, , service, ...rest] = mistake.path
  if (rest.length > 0 || notifierServices[String(service)] === undefined) return mistake
  return new PipelineMistake('needs its options: give names with their values', ...mistake.path)
}

/** undefined: what has not the form of an entry. */
function entriesOf(value: unknown): readonly (Entry | undefined)[] {
  const entries: unknown = (value as { notifiers?: unknown } | null)?.notifiers
  if (!Array.isArray(entries)) return []
  return entries.map((entry: unknown) => (typeof entry === 'object' && entry !== null ? (entry as Entry) : undefined))
}

function sameNames(entries: readonly (Entry | undefined)[]): readonly PipelineMistake[] {
  const names = entries.map((entry) => entry?.name)
  return names.flatMap((name, index) =>
    name === undefined || names.indexOf(name) === index
      ? []
      : [new PipelineMistake(`${name} is there twice: rename one of the two`, 'notifiers', index, 'name')],
  )
}

function notifierOf(
  entry: Entry,
  { environment, ...parts }: LoadNotifiersOptions,
  hasForm: boolean,
): NotifierFactory[] {
  const [name, ...others] = Object.keys(entry).filter((key) => notifierServices[key] !== undefined)
  const service = notifierServices[name ?? '']
  const known = Object.keys(notifierServices).join(', ')
  if (name === undefined || service === undefined) throw new PipelineMistake(`needs one of ${known}`)
  if (others.length > 0)
    throw new PipelineMistake(`has ${[name, ...others].join(' and ')}: leave one, a notifier has one service`)
  const given = entry[name] as Readonly<Record<string, unknown>>
  return at([name], () => {
    const secrets = secretsOf(given, service.secrets, environment)
    if (!hasForm) return []
    const { timeout, caFile, ...rest } = given
    const more = {
      ...(typeof timeout === 'string' ? { requestTimeoutMs: durationMs(timeout) } : {}),
      ...(typeof caFile === 'string' ? { ca: at(['caFile'], () => fromFile(caFile)) } : {}),
    }
    return [checked(() => service.make({ ...rest, ...secrets, ...more, ...parts, name: entry.name } as never))]
  })
}

function secretsOf(
  given: Readonly<Record<string, unknown>>,
  names: readonly string[],
  environment: Environment,
): Readonly<Record<string, string>> {
  const present = names.filter((name) => given?.[name] !== undefined)
  const read = each(present, (name) => at([name], () => [name, readSecretFrom(given[name], environment)] as const))
  return Object.fromEntries(read)
}

/** Options that a notifier refuses, each as a mistake of its own. */
function checked(make: () => NotifierFactory): NotifierFactory {
  try {
    return make()
  } catch (error) {
    const { problems } = (error as MillraceError).details
    if (!Array.isArray(problems)) throw error
    each(problems as readonly string[], (problem): never => {
      throw new PipelineMistake(problem)
    })
    throw error
  }
}
