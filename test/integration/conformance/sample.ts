import { readVectors, vectorFiles } from '../../conformance/read-vectors.ts'
import type { Vector } from '../../conformance/vector.ts'

const stepsMax = 45

/** How many of a family; the rest have three. */
const counts: Readonly<Record<string, number>> = {
  found: 0,
  'naming-random': 0,
  random: 10,
  'random-cached': 4,
  'processor-api': 1,
  caching: 3,
  'stream-stream-join': 5,
}

/** Processors that see the stream time of the whole topology, which differs from that of a task, or fire by it. */
const seesStreamTime = /^(count(Stream|Wall).*|oneShot|punctuateInfo|expire|tagStreamTime)$/

/**
 * A scenario that gives the same with one task a subtopology: it ends without an error, does not move the wall clock, and
 * nothing in it looks at stream time where there are several subtopologies. No input is an output too, and no header null,
 * which kafkajs cannot write.
 */
function isSuited({ topology, topics, steps, expect }: Vector): boolean {
  const several = (expect.subtopologies?.length ?? 0) > 1
  if (expect.error !== undefined || steps.length === 0 || steps.length > stepsMax) return false
  if (several && topology.some(({ op }) => op === 'suppress')) return false
  if (topology.some((step) => step.pattern !== undefined || step.topicFn !== undefined)) return false
  if (topology.some(({ processor }) => processor !== undefined && seesStreamTime.test(processor))) return false
  return steps.every(
    (step) =>
      'pipe' in step &&
      !Object.hasOwn(topics.outputs, step.pipe.topic) &&
      (step.pipe.headers ?? []).every(([, value]) => value !== null),
  )
}

/** Scenarios that cover each family, the same each time. */
export function sampledVectors(): readonly Vector[] {
  const families = new Map<string, Vector[]>()
  for (const vector of vectorFiles().flatMap(readVectors)) {
    if (!isSuited(vector)) continue
    const family = families.get(vector.family)
    if (family === undefined) families.set(vector.family, [vector])
    else family.push(vector)
  }
  return [...families].flatMap(([family, vectors]) => spread(vectors, counts[family] ?? 3))
}

function spread(vectors: readonly Vector[], count: number): readonly Vector[] {
  const picked = new Set<Vector>()
  for (let index = 0; index < count; index++) {
    const vector = vectors[Math.floor((index * vectors.length) / count)]
    if (vector !== undefined) picked.add(vector)
  }
  return [...picked]
}
