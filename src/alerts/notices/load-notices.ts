import { MillraceError } from '../../core/errors.ts'
import { schemaCheck } from '../../pipelines/load/schema-mistakes.ts'
import { type FileMistake, mistakesText, YamlFile } from '../../pipelines/load/yaml-file.ts'
import { mistakesOf, type PipelineMistake } from '../../pipelines/mistake.ts'
import { foreignFile } from '../foreign-file.ts'
import type { NoticesDefinition } from './definition.ts'
import { compileNotices, type NoticePlan } from './notice-plan.ts'
import { noticesSchema } from './notices-schema.ts'

/** Names all mistakes of a definition of notices. */
export class NoticesError extends MillraceError<'INVALID_NOTICES'> {
  /** In the order of their lines; line 0: the definition is from code. */
  readonly mistakes: readonly FileMistake[]

  constructor(text: string, mistakes: readonly FileMistake[]) {
    super('INVALID_NOTICES', 'fatal', text)
    this.mistakes = mistakes
  }
}

/**
 * Notices from code. Throws a NoticesError that names all mistakes.
 *
 * @example
 * ```ts
 * notices({ receivers: [{ name: 'chat' }], routes: [{ name: 'all', receivers: ['chat'], repeat: '4h' }] })
 * ```
 */
export function notices(definition: NoticesDefinition): NoticePlan {
  const found = noticeMistakes(definition).map(({ path, message }) => ({ line: 0, place: path.join('.'), message }))
  if (found.length === 0) return compileNotices(definition)
  const lines = found.map(({ place, message }) => `notices: ${place === '' ? '' : `${place}: `}${message}`)
  throw new NoticesError(lines.join('\n'), found)
}

/**
 * Notices of a YAML or JSON file. Throws a NoticesError that names every mistake with its line.
 *
 * @param file What mistakes call it.
 */
export function loadNotices(text: string, file: string): NoticePlan {
  const read = new YamlFile(text)
  if (read.unreadable.length > 0) throw new NoticesError(mistakesText(file, read.unreadable), read.unreadable)
  const foreign = foreignFile(read.value)
  const mistakes = foreign.length > 0 ? foreign : noticeMistakes(read.value)
  if (mistakes.length === 0) return compileNotices(read.value as NoticesDefinition)
  const located = read.located(mistakes)
  throw new NoticesError(mistakesText(file, located), located)
}

const formOfFile = schemaCheck(noticesSchema)

/** What does not have its form is left out of the second look, so that one run names all mistakes. */
function noticeMistakes(definition: unknown): readonly PipelineMistake[] {
  const ofForm = formOfFile(definition)
  const readable = withoutMistakes(definition, ofForm)
  if (formOfFile(readable).length > 0) return ofForm
  return [...ofForm, ...mistakesOf(() => compileNotices(readable as NoticesDefinition))]
}

function withoutMistakes(definition: unknown, mistakes: readonly PipelineMistake[]): unknown {
  const rest: unknown = structuredClone(definition)
  for (const { path } of mistakes) {
    const last = path.at(-1)
    const parent = path.slice(0, -1).reduce<unknown>((value, name) => (value as Record<string, unknown>)?.[name], rest)
    // An item of a list leaves a gap if it goes: the other places would move.
    if (typeof last === 'string' && typeof parent === 'object' && parent !== null) {
      delete (parent as Record<string, unknown>)[last]
    }
  }
  return rest
}
