import { aspects, isEqual } from './compare.ts'
import type { Comparison } from './compare.ts'

/** A scenario's name and family, and how its run compared. */
export interface ComparedVector {
  readonly name: string
  readonly family: string
  readonly comparison: Comparison
}

/** A table of families by aspects: equal of all that say something about the aspect. */
export function tableOf(vectors: readonly ComparedVector[]): string {
  const families = [...new Set(vectors.map(({ family }) => family))].sort()
  const rows = families.map((family) =>
    rowOf(
      family,
      vectors.filter((vector) => vector.family === family),
    ),
  )
  const all = [['family', 'scenarios', ...aspects], ...rows, rowOf('all', vectors)]
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? []
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
  return all.map(line).join('\n')
}

function rowOf(family: string, vectors: readonly ComparedVector[]): readonly string[] {
  const cells = aspects.map((aspect) => {
    const compared = vectors.filter(({ comparison }) => comparison[aspect] !== undefined)
    const equal = compared.filter(({ comparison }) => comparison[aspect] === null)
    return compared.length === 0 ? '-' : `${equal.length}/${compared.length}`
  })
  const equal = vectors.filter(({ comparison }) => isEqual(comparison)).length
  return [family, `${equal}/${vectors.length}`, ...cells]
}

/** What differs, each scenario with the first difference of each aspect. */
export function differencesOf(vectors: readonly ComparedVector[]): string {
  return vectors
    .filter(({ comparison }) => !isEqual(comparison))
    .map(({ name, comparison }) => {
      const lines = aspects.flatMap((aspect) => {
        const text = comparison[aspect]
        return typeof text === 'string' ? [`  ${aspect}: ${text}`] : []
      })
      return [name, ...lines].join('\n')
    })
    .join('\n')
}
