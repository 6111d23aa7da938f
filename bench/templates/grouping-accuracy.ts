/** How well groups of lines equal the true ones. Both from 0 to 1. */
export interface GroupingAccuracy {
  /** The share of lines whose group has exactly the lines of their true group. */
  readonly lines: number
  /** The harmonic mean of the shares of found and of true groups that are exactly right. */
  readonly groups: number
}

/** As the papers on log parsers measure it. The lists say of each line which group it has, and which one is right. */
export function groupingAccuracy(found: readonly string[], truth: readonly string[]): GroupingAccuracy {
  const trueSizes = new Map<string, number>()
  const trueOfFound = new Map<string, Map<string, number>>()
  for (const [index, right] of truth.entries()) {
    trueSizes.set(right, (trueSizes.get(right) ?? 0) + 1)
    const name = found[index] as string
    const held = trueOfFound.get(name) ?? new Map<string, number>()
    held.set(right, (held.get(right) ?? 0) + 1)
    trueOfFound.set(name, held)
  }
  let lines = 0
  let groups = 0
  for (const held of trueOfFound.values()) {
    const [[right, size] = ['', 0]] = held
    if (held.size !== 1 || trueSizes.get(right) !== size) continue
    lines += size
    groups++
  }
  return { lines: lines / truth.length, groups: (2 * groups) / (trueSizes.size + trueOfFound.size) }
}
