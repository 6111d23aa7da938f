import { describe, expect, test } from '@jest/globals'
import type { Topology } from '../../src/index.ts'
import { errorCode } from '../../src/core/errors.ts'
import { javaExceptionOfCode } from '../../src/topology/build-error.ts'
import { internalTopicName } from '../../src/topology/topology.ts'
import { buildVectorTopology } from './vector-topology.ts'
import { readVectors, vectorFiles } from './read-vectors.ts'
import type { Vector, VectorSubtopology } from './vector.ts'

const settings = { replicationFactor: -1, windowStoreAdditionalRetentionMs: 24 * 60 * 60 * 1000 }
const applicationId = 'app'

/** Topics that a subtopology writes to, with full names. */
function sinksOf(topology: Topology, id: number): readonly string[] {
  const topics = new Set<string>()
  for (const name of topology.subtopologies[id]?.nodes ?? []) {
    const node = topology.nodes.get(name)
    if (node?.kind !== 'sink' || typeof node.topic !== 'string') continue
    topics.add(topology.repartitionTopics.has(node.topic) ? internalTopicName(applicationId, node.topic) : node.topic)
  }
  return [...topics].sort()
}

/** Our subtopologies in the oracle's form. */
function subtopologiesOf(topology: Topology): readonly VectorSubtopology[] {
  return topology.groupTopology(applicationId, settings).map((subtopology) => ({
    id: subtopology.id,
    sources: subtopology.sourceTopics,
    sinks: sinksOf(topology, subtopology.id),
    repartition: subtopology.repartitionSourceTopics.map(({ name, partitions, configs }) => ({
      name,
      ...(partitions === undefined ? {} : { partitions }),
      config: configs,
    })),
    changelogs: subtopology.changelogTopics.map(({ name, configs }) => ({ name, config: configs })),
  }))
}

function refusalOf(vector: Vector): string {
  try {
    buildVectorTopology(vector)
  } catch (error) {
    const code = errorCode(error)
    return code !== undefined && code in javaExceptionOfCode
      ? javaExceptionOfCode[code as keyof typeof javaExceptionOfCode]
      : String(error)
  }
  return 'nothing'
}

for (const file of vectorFiles()) {
  describe(`topologies of ${file} are Java's`, () => {
    for (const vector of readVectors(file)) {
      if (vector.expect.error?.phase === 'build') {
        test(`${vector.name} is refused`, () => {
          expect(refusalOf(vector)).toBe(vector.expect.error?.class.replace(/^.*\./, ''))
        })
        continue
      }
      test(vector.name, () => {
        const topology = buildVectorTopology(vector)
        if (vector.expect.describe !== undefined) expect(topology.describe()).toBe(vector.expect.describe)
        if (vector.expect.subtopologies !== undefined)
          expect(subtopologiesOf(topology)).toEqual(vector.expect.subtopologies)
      })
    }
  })
}
