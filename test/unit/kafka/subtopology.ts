import type { GroupSubtopology } from '../../../src/kafka/port.ts'

/** A subtopology that has nothing but what is given. */
export function subtopology(id: number, parts: Partial<GroupSubtopology>): GroupSubtopology {
  return {
    id,
    sourceTopics: [],
    patternTopics: [],
    repartitionSourceTopics: [],
    repartitionSinkTopics: [],
    changelogTopics: [],
    copartitionGroups: [],
    ...parts,
  }
}
