import type { FieldPath, FieldValue } from '../../pipelines/index.ts'
import { groupValue, isCut } from '../rules/read-values.ts'
import type { Usage } from './cell.ts'
import type { GatheringPlan } from './gathering-plan.ts'
import { GatheredRule } from './gathered-rule.ts'
import type { RuleLog } from './rule-log.ts'

/** A group, and the rules that its logs may mean something to. */
export interface Group {
  /** The values of the fields that are grouped by. */
  readonly values: readonly string[]
  readonly rules: readonly GatheredRule[]
  /** Whether something was gathered since the last flush. */
  isTouched: boolean
}

interface Branch {
  readonly branches: Map<string, Branch>
  group: Group | undefined
}

/** The groups of all rules that group by the same fields, found by one look-up for each field. */
export class GroupTree {
  readonly groupBy: readonly FieldPath[]
  readonly #plans: readonly GatheringPlan[]
  readonly #usage: Usage
  #root: Branch = emptyBranch()
  #size = 0

  constructor(groupBy: readonly FieldPath[], plans: readonly GatheringPlan[], usage: Usage) {
    this.groupBy = groupBy
    this.#plans = plans
    this.#usage = usage
  }

  /** How many groups are known. */
  get size(): number {
    return this.#size
  }

  /** Undefined: the log is of no group. */
  groupOf(log: RuleLog): Group | undefined {
    let branch = this.#root
    for (const path of this.groupBy) {
      const value = log.seen(path)
      if (value === undefined || value === null) return undefined
      const next = branch.branches.get(branchName(value))
      if (next === undefined) return this.#begin(log)
      branch = next
    }
    return branch.group ?? this.#begin(log)
  }

  /** Forgets all groups. */
  clear(): void {
    this.#root = emptyBranch()
    this.#size = 0
  }

  #begin(log: RuleLog): Group | undefined {
    const values: string[] = []
    for (const path of this.groupBy) {
      const value = groupValue(log.seen(path))
      if (value === undefined) return undefined
      values.push(ownText(value))
    }
    // Texts of a group whose values are cut differ behind the cut: conditions look at each log.
    const plans = values.some(isCut)
      ? this.#plans.map((plan) => ({ ...plan, ofGroup: undefined, where: plan.where ?? plan.ofGroup }))
      : this.#plans.filter(({ ofGroup }) => ofGroup === undefined || ofGroup(log))
    const rules = plans.map((plan) => new GatheredRule(plan, this.#usage))
    this.#size++
    this.#usage.entries++
    let branch = this.#root
    for (const path of this.groupBy) branch = branchAt(branch, ownText(branchName(log.seen(path) ?? null)))
    return (branch.group = { values, rules, isTouched: false })
  }
}

function emptyBranch(): Branch {
  return { branches: new Map(), group: undefined }
}

function branchAt({ branches }: Branch, name: string): Branch {
  const known = branches.get(name)
  if (known !== undefined) return known
  const branch = emptyBranch()
  branches.set(name, branch)
  return branch
}

/** A text and a number that look alike are not the same to conditions, whatever a text begins with. */
function branchName(value: FieldValue): string {
  const name = groupValue(value) ?? ''
  return typeof value === 'string' && !name.startsWith('\0') ? name : `\0${typeof value}${name}`
}

/** A copy: the text may be a part of a document, which must not be held for it. */
function ownText(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le')
}
