/** A store that has a changelog, or a repartition topic. */
export type StatePartKind = 'store' | 'repartition topic'

/** Something that keeps records of an application in Kafka, as today's topology has it. */
export interface PresentPart {
  readonly of: StatePartKind
  readonly name: string
  /** The topic that keeps it, by its full name. */
  readonly topic: string
}

/** The same, as it was before: as the cluster holds it, or as a saved topology says. */
export interface FormerPart<Present extends PresentPart> extends PresentPart {
  /** Records that would be missed; undefined: not known, which counts as some. */
  readonly records: number | undefined
  /** Why `part` cannot continue what is kept, as the end of a sentence; undefined: it can. */
  unfit(part: Present): string | undefined
}

/**
 * What becomes of one part.
 * - `kept`: it continues
 * - `new`: it starts empty
 * - `renamed`: it starts empty under a new name, while the former topic keeps its records
 * - `lost`: no part of today's topology continues it
 * - `incompatible`: it has the same name, and cannot read what is kept
 * - `unused`: no part continues it, and it keeps nothing
 */
export type StateChange = 'kept' | 'new' | 'renamed' | 'lost' | 'incompatible' | 'unused'

export interface StateDifference extends PresentPart {
  readonly change: StateChange
  /** The name before, of a part that is renamed. */
  readonly formerName: string | undefined
  /** Records of the topic that keeps it now; undefined: not known. */
  readonly records: number | undefined
  /** What is wrong and what mends it; undefined: nothing is wrong. */
  readonly reason: string | undefined
}

/** Whether a deployment would lose what this part keeps. */
export function losesState({ change }: StateDifference): boolean {
  return change === 'renamed' || change === 'lost' || change === 'incompatible'
}

/** Compares part by part. A part that vanished and one that appeared are one renamed part when the new one fits. */
export function compareState<Present extends PresentPart>(
  former: readonly FormerPart<Present>[],
  today: readonly Present[],
): readonly StateDifference[] {
  const formerByName = new Map(former.map((part) => [keyOf(part), part]))
  const todayNames = new Set(today.map(keyOf))
  const appeared = new Set(today.filter((part) => !formerByName.has(keyOf(part))))
  const continued = today.flatMap((part) => {
    const before = formerByName.get(keyOf(part))
    return before === undefined ? [] : [continuation(before, part)]
  })
  const vanished = former
    .filter((part) => !todayNames.has(keyOf(part)))
    .map((before) => {
      if (before.records === 0) return difference('unused', before, before.records)
      const successor = [...appeared].find((part) => part.of === before.of && before.unfit(part) === undefined)
      if (successor === undefined) return difference('lost', before, before.records, lostReason(before))
      appeared.delete(successor)
      return {
        ...difference('renamed', before, before.records, renamedReason(before, successor)),
        ...renaming(before, successor),
      }
    })
  return [...continued, ...vanished, ...[...appeared].map((part) => difference('new', part, 0))]
}

function keyOf({ of, name }: PresentPart): string {
  return `${of} ${name}`
}

function continuation<Present extends PresentPart>(before: FormerPart<Present>, part: Present): StateDifference {
  const fault = before.records === 0 ? undefined : before.unfit(part)
  if (fault === undefined) return difference('kept', part, before.records)
  const reason = `${fault}: give it another name and let it read its inputs again, or change it back`
  return difference('incompatible', { ...part, topic: before.topic }, before.records, reason)
}

function renaming(before: PresentPart, { name }: PresentPart): Pick<StateDifference, 'name' | 'formerName'> {
  return { name, formerName: before.name }
}

function difference(
  change: StateChange,
  { of, name, topic }: PresentPart,
  records: number | undefined,
  reason?: string,
): StateDifference {
  return { change, of, name, topic, formerName: undefined, records, reason }
}

function renamedReason({ of, name }: PresentPart, successor: PresentPart): string {
  return of === 'store'
    ? `store ${successor.name} would start empty, and the rows of ${name} would stay behind: name it '${name}' (option store)`
    : `the unread records of ${name} would stay behind: name it '${name.replace(/-repartition$/, '')}' (option name), or let the running version read them first`
}

function lostReason({ of, name }: PresentPart): string {
  return of === 'store'
    ? `no store of the topology continues ${name}: bring it back, or accept that its rows are gone`
    : `nothing reads the unread records of ${name} any more: bring it back, or let the running version read them first`
}
