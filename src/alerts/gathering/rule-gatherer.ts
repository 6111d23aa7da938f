import { groupKey } from '../rules/group-key.ts'
import type { Observation } from '../rules/observation.ts'
import type { RulePlan } from '../rules/plan.ts'
import type { GroupValues } from '../rules/read-log.ts'
import type { Usage } from './cell.ts'
import { gatheringPlans } from './gathering-plan.ts'
import { type Group, GroupTree } from './group-tree.ts'
import type { RuleLog } from './rule-log.ts'
import { SharedConditions } from './shared-conditions.ts'

/** What was gathered of one group. It is JSON. */
export interface GatheredGroup {
  /** The values of the fields that its rules group by. */
  readonly group: GroupValues
  /** By the name of the rule: what its logs say together. */
  readonly rules: Readonly<Record<string, readonly Observation[]>>
}

/** Cells and values that are held before a flush; groups that are known. */
const entriesMax = 20_000
const groupsMax = 10_000

interface Touched {
  readonly tree: GroupTree
  readonly group: Group
}

/**
 * Sums up what logs mean to rules, by group and bucket: the observations of a flush say to an AlertEvaluator what the logs
 * would say one by one. Correlations are left out: they are not about logs.
 */
export class RuleGatherer {
  readonly #trees: readonly GroupTree[]
  readonly #usage: Usage = { entries: 0 }
  #touched: Touched[] = []

  constructor(plans: readonly RulePlan[]) {
    const conditions = new SharedConditions()
    const ofLogs = plans.filter(({ watch }) => watch.by !== 'correlation')
    const byFields = new Map<string, RulePlan[]>()
    for (const plan of ofLogs) {
      const fields = JSON.stringify(plan.read.groupBy.map(({ text }) => text))
      const together = byFields.get(fields)
      if (together === undefined) byFields.set(fields, [plan])
      else together.push(plan)
    }
    this.#trees = [...byFields.values()].map((together) => {
      return new GroupTree(together[0]?.read.groupBy ?? [], gatheringPlans(together, conditions), this.#usage)
    })
  }

  /** So much is held that it should be flushed now. */
  get isFull(): boolean {
    return this.#usage.entries >= entriesMax
  }

  /** Takes a log of an event time. */
  gather(log: RuleLog, timeMs: number): void {
    for (const tree of this.#trees) {
      const group = tree.groupOf(log)
      if (group === undefined) continue
      let isOfRule = false
      for (const rule of group.rules) isOfRule = rule.take(log, timeMs) || isOfRule
      if (!isOfRule || group.isTouched) continue
      group.isTouched = true
      this.#touched.push({ tree, group })
    }
  }

  /** Passes on what was gathered, one call for each group, and holds nothing of it any longer. */
  flush(take: (key: string, gathered: GatheredGroup) => void): void {
    const touched = this.#touched
    this.#touched = []
    this.#usage.entries = 0
    for (const { tree, group } of touched) {
      group.isTouched = false
      const rules = group.rules.flatMap((rule) => {
        const observations = rule.flush()
        return observations.length === 0 ? [] : rule.plan.names.map((name) => [name, observations] as const)
      })
      take(groupKey(tree.groupBy, group.values), { group: group.values, rules: Object.fromEntries(rules) })
    }
    if (this.#trees.reduce((sum, { size }) => sum + size, 0) <= groupsMax) return
    for (const tree of this.#trees) tree.clear()
  }
}
