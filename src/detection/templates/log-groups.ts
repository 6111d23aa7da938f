import { type GroupOptions, groupSettings } from './group-options.ts'

/** A log that may belong to others. */
export interface GroupedLog {
  /** Logs of one trace are one group, whatever their scope. Without a trace, logs of one scope are. */
  readonly traceId?: string | undefined
  /** What wrote it, such as a service. */
  readonly scope: string
  /** The id of the template of its message. */
  readonly templateId: string
  /** Epoch milliseconds. */
  readonly timestamp: number
  /** From 0 (noise) to 100 (look now). */
  readonly priority: number
  /** No log had its template before. */
  readonly isNew?: boolean
  /** What is shown of it. */
  readonly sample: string
}

/** Logs that belong together: plain data, as a store keeps it. */
export interface LogGroup {
  /** The trace or the scope. */
  readonly key: string
  /** What the logs have in common. */
  readonly by: 'trace' | 'scope'
  /** The time of the earliest log, in epoch milliseconds. */
  readonly firstMs: number
  /** The time of the latest log, in epoch milliseconds. */
  readonly lastMs: number
  /** How many logs there are. */
  readonly logs: number
  /** How many logs of each template, as far as they are counted. */
  readonly templates: Readonly<Record<string, number>>
  /** How many logs of each scope, as far as they are counted. */
  readonly scopes: Readonly<Record<string, number>>
  /** The highest priority of one of its logs. */
  readonly highest: number
  /** `highest`, 10 more where one has a new template, and 10 more where they are of several scopes; 100 at most. */
  readonly priority: number
  /** One of its logs has a new template. */
  readonly isNew: boolean
  /** Of the log with the highest priority; of several, the first that came. */
  readonly sample: string
}

/** What has changed since the last time. */
export interface GroupChanges {
  /** Groups that are new or changed, by the key of a store. */
  readonly rows: readonly (readonly [key: string, group: LogGroup])[]
  /** Keys of groups that have ended. */
  readonly removed: readonly string[]
}

/** More for each reason to look at a group before others. */
const bonus = 10
const priorityMax = 100

interface OpenGroup {
  readonly key: string
  readonly by: 'trace' | 'scope'
  readonly templates: Map<string, number>
  readonly scopes: Map<string, number>
  firstMs: number
  lastMs: number
  logs: number
  highest: number
  isNew: boolean
  sample: string
}

/**
 * Groups logs by trace, or by what wrote them, as long as they follow each other closely in event time. Groups that are made
 * from the rows of others continue as those would have.
 *
 * @example
 * ```ts
 * const groups = new LogGroups({ gapMs: 5000 })
 * groups.add({ traceId: 't1', scope: 'shop', templateId: 'a', timestamp: 0, priority: 20, sample: 'order taken' })
 * groups.add({ traceId: 't1', scope: 'bank', templateId: 'b', timestamp: 900, priority: 70, sample: 'no credit' })
 * groups.takeEnded(6000)[0]?.priority // 80: the highest, and two services
 * ```
 */
export class LogGroups {
  readonly #settings: Required<GroupOptions>
  readonly #open = new Map<string, OpenGroup>()
  readonly #changed = new Set<string>()
  readonly #removed = new Set<string>()

  /** `groups`: what is open already; none by default. Throws INVALID_SETTINGS with all that is wrong with the options. */
  constructor(options: GroupOptions = {}, groups: Iterable<LogGroup> = []) {
    this.#settings = groupSettings(options)
    for (const group of groups) this.#open.set(storeKey(group.by, group.key), opened(group))
  }

  /** Adds a log to its group. False: too many groups are open. */
  add(log: GroupedLog): boolean {
    const { traceId, scope, templateId, timestamp, priority, isNew = false, sample } = log
    const by = traceId === undefined ? 'scope' : 'trace'
    const key = traceId ?? scope
    const place = storeKey(by, key)
    let group = this.#open.get(place)
    if (group === undefined) {
      if (this.#open.size >= this.#settings.groupsMax) return false
      group = newGroup(key, by, timestamp)
      this.#open.set(place, group)
      this.#removed.delete(place)
    }
    this.#changed.add(place)
    group.logs++
    group.firstMs = Math.min(group.firstMs, timestamp)
    group.lastMs = Math.max(group.lastMs, timestamp)
    group.isNew ||= isNew
    if (priority > group.highest) {
      group.highest = priority
      group.sample = sample
    }
    this.#count(group.templates, templateId)
    this.#count(group.scopes, scope)
    return true
  }

  /** Ends the groups whose last log, or whose first one, is too long before this time, and returns them: what matters most comes first. */
  takeEnded(timeMs: number): readonly LogGroup[] {
    const { gapMs, lengthMaxMs } = this.#settings
    const ended = [...this.#open].filter(([, { firstMs, lastMs }]) => {
      return lastMs + gapMs <= timeMs || firstMs + lengthMaxMs <= timeMs
    })
    for (const [place] of ended) {
      this.#open.delete(place)
      this.#changed.delete(place)
      this.#removed.add(place)
    }
    const groups = ended.map(([, group]) => closed(group))
    // The keys decide where all else is equal: they are the same after a restart.
    return groups.sort((left, right) => {
      return right.priority - left.priority || left.firstMs - right.firstMs || (left.key < right.key ? -1 : 1)
    })
  }

  /** What has changed since the last call. */
  takeChanges(): GroupChanges {
    const rows = Array.from(this.#changed, (place) => [place, closed(this.#open.get(place) as OpenGroup)] as const)
    const removed = [...this.#removed]
    this.#changed.clear()
    this.#removed.clear()
    return { rows, removed }
  }

  #count(counts: Map<string, number>, name: string): void {
    const known = counts.get(name)
    if (known !== undefined || counts.size < this.#settings.partsMax) counts.set(name, (known ?? 0) + 1)
  }
}

function storeKey(by: 'trace' | 'scope', key: string): string {
  return `${by} ${key}`
}

function newGroup(key: string, by: 'trace' | 'scope', timestamp: number): OpenGroup {
  const counts = { templates: new Map<string, number>(), scopes: new Map<string, number>() }
  return { key, by, ...counts, firstMs: timestamp, lastMs: timestamp, logs: 0, highest: -1, isNew: false, sample: '' }
}

function opened({ key, by, firstMs, lastMs, logs, highest, isNew, sample, templates, scopes }: LogGroup): OpenGroup {
  const counts = { templates: new Map(Object.entries(templates)), scopes: new Map(Object.entries(scopes)) }
  return { key, by, ...counts, firstMs, lastMs, logs, highest, isNew, sample }
}

function closed({ templates, scopes, ...group }: OpenGroup): LogGroup {
  const reasons = Number(group.isNew) + Number(scopes.size > 1)
  const priority = Math.min(priorityMax, group.highest + reasons * bonus)
  return { ...group, templates: Object.fromEntries(templates), scopes: Object.fromEntries(scopes), priority }
}
