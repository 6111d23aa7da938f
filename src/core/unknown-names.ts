/** A sentence for each name that is none of the known ones, with the one that was probably meant. */
export function unknownNames(given: object, known: readonly string[]): string[] {
  const unknown = Object.entries(given).filter(([name, value]) => value !== undefined && !known.includes(name))
  return unknown.map(([name]) => {
    const nearest = nearestOf(name, known)
    return `${name} is not an option${nearest === undefined ? '' : `: did you mean ${nearest}?`}`
  })
}

/** The known name that was probably meant. */
export function nearestOf(name: string, known: readonly string[]): string | undefined {
  const withoutEnd = known.find(
    (other) => other.length > 2 && name.startsWith(other) && /[A-Z]/.test(name[other.length] ?? ''),
  )
  if (withoutEnd !== undefined) return withoutEnd
  const distances = known.map((other) => ({ other, distance: distanceOf(name.toLowerCase(), other.toLowerCase()) }))
  const byLength = (other: string): number => Math.abs(other.length - name.length)
  const [nearest] = distances.sort(
    (left, right) => left.distance - right.distance || byLength(left.other) - byLength(right.other),
  )
  return nearest !== undefined && nearest.distance <= name.length / 2 ? nearest.other : undefined
}

/** Letters to insert, delete or replace. */
function distanceOf(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let index = 0; index < from.length; index++) {
    const next = [index + 1]
    for (let other = 0; other < to.length; other++) {
      const replaced = (row[other] as number) + (from[index] === to[other] ? 0 : 1)
      next.push(Math.min(replaced, (row[other + 1] as number) + 1, (next[other] as number) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
