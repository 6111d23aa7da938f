import type { NotConverted } from './blocks.ts'
import type { Imported, ImportedStep } from './imported-step.ts'
import { logstashCondition } from './logstash-condition.ts'
import { type LogstashBranch, type LogstashNode, parseLogstash } from './logstash-parser.ts'
import { convertPlugin } from './logstash-plugins.ts'

/** The filters of a Logstash configuration as steps. Branches become conditions of their steps. */
export function logstashSteps(text: string): Imported {
  const steps: ImportedStep[] = []
  const notConverted: NotConverted[] = []
  convertNodes(parseLogstash(text), [], steps, notConverted)
  return { steps, notConverted }
}

function convertNodes(
  nodes: readonly LogstashNode[],
  conditions: readonly string[],
  steps: ImportedStep[],
  notConverted: NotConverted[],
): void {
  for (const node of nodes) {
    if (node.kind === 'if') convertBranches(node.branches, node.line, conditions, steps, notConverted)
    else {
      const { converted, refused } = convertPlugin(node)
      for (const { when, ...step } of converted) {
        const all = when === undefined ? conditions : [...conditions, when]
        steps.push({ line: node.line, ...step, ...(all.length > 0 && { when: all.join(' and ') }) })
      }
      for (const what of refused) notConverted.push({ line: node.line, what })
    }
  }
}

function convertBranches(
  branches: readonly LogstashBranch[],
  line: number,
  conditions: readonly string[],
  steps: ImportedStep[],
  notConverted: NotConverted[],
): void {
  const earlier: string[] = []
  for (const [index, { condition, nodes }] of branches.entries()) {
    const converted = condition === undefined ? 'true' : logstashCondition(condition)
    if (converted === undefined) {
      const others = index + 1 < branches.length ? ' and the branches behind it' : ''
      notConverted.push({ line, what: `the condition ${condition}, with what it holds${others}` })
      return
    }
    const own = condition === undefined ? [] : [`(${converted})`]
    convertNodes(nodes, [...conditions, ...earlier.map((other) => `not (${other})`), ...own], steps, notConverted)
    earlier.push(converted)
  }
}
