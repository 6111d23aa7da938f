import { type FieldPath, PipelineMistake } from '../../pipelines/index.ts'
import { at, together } from '../../pipelines/mistake.ts'
import { compileTemplate, type Template } from '../../pipelines/template.ts'
import type { RuleDefinition } from './definition.ts'
import type { RulePlan } from './plan.ts'

/** What summaries and links may name besides the fields of the group. */
export const namesOfAlerts = [
  'rule',
  'severity',
  'group',
  'value',
  'threshold',
  'baseline',
  'found',
  'count',
  'window',
] as const

const reference = /%\{([^{}]+)\}/g

/** Summary and links as templates. Throws PipelineMistakes for names that no alert of the rule has. */
export function wordingOf(
  definition: RuleDefinition,
  groupBy: readonly FieldPath[],
): Pick<RulePlan, 'summary' | 'links'> {
  const { kind, summary = usualSummary(kind, groupBy), links = {} } = definition
  const fields = groupBy.map(({ text }) => text)
  const known = [...fields, ...namesOfAlerts]
  const template = (text: string): Template => {
    const unknown = [...text.matchAll(reference)]
      .map(([, name]) => name as string)
      .find((name) => !known.includes(name))
    if (unknown === undefined) return compileTemplate(text)
    throw new PipelineMistake(`%{${unknown}} is not known here: put it into groupBy, or use one of ${known.join(', ')}`)
  }
  const [ownSummary, ...ownLinks] = together<readonly Template[]>(
    () => at(['summary'], () => template(summary)),
    ...Object.entries(links).map(
      ([name, text]) =>
        () =>
          at(['links', name], () => template(text)),
    ),
  )
  return {
    summary: ownSummary as Template,
    links: Object.freeze(
      Object.fromEntries(Object.keys(links).map((name, index) => [name, ownLinks[index] as Template])),
    ),
  }
}

function usualSummary(kind: RuleDefinition['kind'], groupBy: readonly FieldPath[]): string {
  const subject = groupBy.length === 0 ? '%{rule}' : '%{rule} of %{group}'
  switch (kind) {
    case 'new-term':
      return `${subject}: new %{found}`
    case 'anomaly':
      return `${subject}: %{found}`
    default:
      return `${subject}: %{value}, the limit is %{threshold}`
  }
}
