import { quoted } from '../core/shown.ts'

const namesMax = 5
const nameLengthMax = 20
const valueLengthMax = 30

/** What is wrong with the tags of a process; limits are those of Kafka Streams, whose brokers see the tags too. */
export function tagFaults({
  clientTags = {},
  rackAwareAssignmentTags = [],
}: {
  readonly clientTags?: Readonly<Record<string, string>> | undefined
  readonly rackAwareAssignmentTags?: readonly string[] | undefined
}): readonly string[] {
  const faults: string[] = []
  if (typeof clientTags !== 'object' || clientTags === null || Array.isArray(clientTags))
    faults.push(`clientTags is ${quoted(clientTags)}: it must be an object of names and texts, such as { zone: 'a' }`)
  if (!Array.isArray(rackAwareAssignmentTags))
    faults.push(
      `rackAwareAssignmentTags is ${quoted(rackAwareAssignmentTags)}: it must be a list of names, such as ['zone']`,
    )
  if (faults.length > 0) return faults
  for (const [name, value] of Object.entries(clientTags)) {
    if (isText(name, nameLengthMax) && isText(value, valueLengthMax)) continue
    const rule = `it must be a text of 1 to ${valueLengthMax} characters under a name of 1 to ${nameLengthMax}`
    faults.push(`clientTags.${name} is ${quoted(value)}: ${rule}`)
  }
  if (Object.keys(clientTags).length > namesMax)
    faults.push(`clientTags has ${Object.keys(clientTags).length} names: at most ${namesMax} are allowed`)
  for (const name of rackAwareAssignmentTags)
    if (!Object.hasOwn(clientTags, name))
      faults.push(`rackAwareAssignmentTags names ${quoted(name)}: clientTags must have a value for it`)
  return faults
}

function isText(value: unknown, lengthMax: number): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= lengthMax
}
