/** `1 letter`, `2 letters`: a count before its noun, for sentences that people read. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
