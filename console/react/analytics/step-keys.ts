/** The step that a key goes to, from another one; undefined: it is no such key. */
export function movedStep(key: string, from: number, count: number): number | undefined {
  const to = targets.get(key)?.(from, count)
  return to === undefined ? undefined : Math.min(count - 1, Math.max(0, to))
}

type Target = (from: number, count: number) => number

const targets: ReadonlyMap<string, Target> = new Map<string, Target>([
  ['ArrowLeft', (from) => from - 1],
  ['ArrowRight', (from) => from + 1],
  ['PageUp', (from) => from - 10],
  ['PageDown', (from) => from + 10],
  ['Home', () => 0],
  ['End', (_, count) => count - 1],
])
