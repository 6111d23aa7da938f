import { MillraceError } from '../../core/errors.ts'
import { PipelineMistake } from '../../pipelines/index.ts'
import { schemaCheck } from '../../pipelines/load/schema-mistakes.ts'
import { type FileMistake, mistakesText, YamlFile } from '../../pipelines/load/yaml-file.ts'
import { durationMs, durationSchema } from '../../pipelines/steps/options.ts'
import { severities } from '../severity.ts'
import type { WatchedKeyDefinition, WatchFile } from './definition.ts'
import { type ModelWatch, watchPlan } from './watch-plan.ts'

type Schema = Readonly<Record<string, unknown>>

const text = { type: 'string', minLength: 1 } as const
const texts = { type: 'object', additionalProperties: { type: 'string' } } as const
const wholeNumber = { type: 'integer', minimum: 1 } as const

function object(required: readonly string[], properties: Schema): Schema {
  return { type: 'object', required, additionalProperties: false, properties }
}

const ofKey = {
  severity: { enum: [...severities] },
  threshold: { type: 'number', minimum: 0, exclusiveMaximum: 1 },
  patience: { type: 'integer', minimum: 1, maximum: 30 },
  cooldown: { type: 'integer', minimum: 0, maximum: 10_000_000 },
  train: object(['features'], {
    kind: { enum: ['pca', 'forest', 'autoencoder'] },
    features: { type: 'array', minItems: 1, maxItems: 128, uniqueItems: true, items: text },
    every: durationSchema,
    over: durationSchema,
    least: wholeNumber,
    options: { type: 'object', additionalProperties: { type: 'number' } },
  }),
} as const

const watchSchema = object(['name', 'topic'], {
  name: {
    type: 'string',
    pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
    description: 'a name in small letters, digits and hyphens',
  },
  topic: text,
  field: text,
  labels: texts,
  links: texts,
  ...ofKey,
  keys: { type: 'object', additionalProperties: object([], ofKey) },
})

const formOfFile = schemaCheck(object(['watches'], { watches: { type: 'array', minItems: 1, items: watchSchema } }))

/** Names all mistakes of a file of watches. */
export class WatchesError extends MillraceError<'INVALID_WATCHES'> {
  /** In the order of their lines. */
  readonly mistakes: readonly FileMistake[]

  constructor(file: string, mistakes: readonly FileMistake[]) {
    super('INVALID_WATCHES', 'fatal', mistakesText(file, mistakes))
    this.mistakes = mistakes
  }
}

/**
 * The watches of a YAML or JSON file. Throws a WatchesError that names every mistake with its line.
 *
 * @param file What mistakes call it.
 */
export function loadWatches(text: string, file: string): readonly ModelWatch[] {
  const read = new YamlFile(text)
  if (read.unreadable.length > 0) throw new WatchesError(file, read.unreadable)
  const ofForm = formOfFile(read.value)
  const mistakes = ofForm.length > 0 ? ofForm : together(read.value as WatchFile)
  if (mistakes.length > 0) throw new WatchesError(file, read.located(mistakes))
  return Object.freeze((read.value as WatchFile).watches.map(watchPlan))
}

function together({ watches }: WatchFile): readonly PipelineMistake[] {
  const names = watches.map(({ name }) => name)
  return watches.flatMap((watch, index) => [
    ...(names.indexOf(watch.name) < index
      ? [
          new PipelineMistake(
            `there is another watch ${watch.name}: give it a name of its own`,
            'watches',
            index,
            'name',
          ),
        ]
      : []),
    ...times(watch, 'watches', index),
    ...Object.entries(watch.keys ?? {}).flatMap(([key, own]) => times(own, 'watches', index, 'keys', key)),
  ])
}

/** Training costs a thread each time, and its rows are kept in a store. */
const [everyMinMs, overMaxMs] = [60_000, 31 * 86_400_000]

function times({ train }: WatchedKeyDefinition, ...path: readonly (string | number)[]): readonly PipelineMistake[] {
  const { every, over } = train ?? {}
  const mistakes: PipelineMistake[] = []
  if (every !== undefined && durationMs(every) < everyMinMs)
    mistakes.push(
      new PipelineMistake(`every (${every}) is shorter than a minute: give 1m or more`, ...path, 'train', 'every'),
    )
  if (over !== undefined && !(durationMs(over) > 0 && durationMs(over) <= overMaxMs))
    mistakes.push(
      new PipelineMistake(`over (${over}) is not from 1s to 31d: give such as 7d`, ...path, 'train', 'over'),
    )
  return mistakes
}
