/**
 * The order in which a `HashSet` of Java iterates: a topology says indexes in it, and two members of a group have to
 * say the same. Elements of one bucket keep the order in which they came, which Java decides by names that we do not
 * know: a topology with such a collision may differ.
 */
export function javaSetOrder(texts: readonly string[]): readonly string[] {
  return bucketOrder(texts, javaHash, grownCapacity(texts.length))
}

/** A `HashSet` of sets that Java makes of the set of each topic, so that its size begins with the number of topics. */
export function javaSetOfSetsOrder(sets: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const topics = sets.reduce((count, set) => count + set.length, 0)
  const capacity = Math.max(leastCapacity, powerOfTwoFrom(Math.floor(topics / loadFactor) + 1))
  return bucketOrder(sets, setHash, capacity)
}

const leastCapacity = 16
const loadFactor = 0.75

/** `String.hashCode`: 31 times what was before, in 32 bits. */
export function javaHash(text: string): number {
  let hash = 0
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0
  return hash
}

function setHash(texts: readonly string[]): number {
  return texts.reduce((sum, text) => (sum + javaHash(text)) | 0, 0)
}

function bucketOrder<T>(items: readonly T[], hashOf: (item: T) => number, capacity: number): readonly T[] {
  const bucketOf = (item: T): number => {
    const hash = hashOf(item)
    return (hash ^ (hash >>> 16)) & (capacity - 1)
  }
  return [...items].sort((left, right) => bucketOf(left) - bucketOf(right))
}

/** Doubled as elements come, once more than three quarters are full. */
function grownCapacity(size: number): number {
  let capacity = leastCapacity
  while (size > capacity * loadFactor) capacity *= 2
  return capacity
}

function powerOfTwoFrom(least: number): number {
  return 2 ** Math.ceil(Math.log2(least))
}
