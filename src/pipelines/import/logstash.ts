import { type NotConverted, textSetting } from './blocks.ts'
import type { Imported, ImportedStep } from './imported-step.ts'
import { logstashCondition } from './logstash-condition.ts'
import { type LogstashBranch, type LogstashNode, parseLogstash } from './logstash-parser.ts'
import { convertPlugin } from './logstash-plugins.ts'

/** The filters of a Logstash configuration as steps. Its branches stay branches. */
export function logstashSteps(text: string): Imported {
  const notConverted: NotConverted[] = []
  const { filters, inputs } = parseLogstash(text)
  for (const { line, name, settings } of inputs.flatMap(pluginsIn)) {
    const codec = textSetting(settings, 'codec')
    if (codec === 'multiline') notConverted.push({ line, what: `${name}: the codec multiline${multilineHint}` })
    const added = ['tags', 'type', 'add_field'].filter((setting) => settings.some((one) => one.name === setting))
    if (added.length > 0) notConverted.push({ line, what: `${name}: ${added.join(', ')}: set them by a mutate` })
  }
  const steps = stepsOf(filters, notConverted)
  const last = filters.at(-1)
  return { steps: last === undefined ? steps : [...steps, ...withoutMetadata(text, last.line)], notConverted }
}

const multilineHint = ': stack traces are joined per source, in a pipeline that does not say format: none'

function pluginsIn(node: LogstashNode): readonly Extract<LogstashNode, { kind: 'plugin' }>[] {
  return node.kind === 'plugin' ? [node] : node.branches.flatMap(({ nodes }) => nodes.flatMap(pluginsIn))
}

/** Logstash never writes `@metadata`. */
function withoutMetadata(text: string, line: number): readonly ImportedStep[] {
  const isSet = /"\[@metadata\]|'\[@metadata\]/.test(text)
  return isSet ? [{ line, kind: 'mutate', options: { remove: ['@metadata'] } }] : []
}

function stepsOf(nodes: readonly LogstashNode[], notConverted: NotConverted[]): readonly ImportedStep[] {
  return nodes.flatMap((node) => {
    if (node.kind === 'if') return branchesOf(node.branches, node.line, notConverted)
    const { converted, refused } = convertPlugin(node)
    for (const what of refused) notConverted.push({ line: node.line, what })
    return converted.map((step) => ({ line: node.line, ...step }))
  })
}

/** `else if` is a branch in the `else` of the one before it. */
function branchesOf(
  [first, ...others]: readonly LogstashBranch[],
  line: number,
  notConverted: NotConverted[],
): readonly ImportedStep[] {
  if (first === undefined) return []
  const { condition, nodes } = first
  if (condition === undefined) return stepsOf(nodes, notConverted)
  const when = logstashCondition(condition)
  if (when === undefined) {
    const behind = others.length > 0 ? ' and the branches behind it' : ''
    notConverted.push({ line, what: `the condition ${condition}, with what it holds${behind}` })
    return []
  }
  const steps = stepsOf(nodes, notConverted)
  return [{ line, when, steps, else: branchesOf(others, line, notConverted) }]
}
