import { eventsMax } from './record-budget.ts'

/** The lines of a text that may be events of their own, blank ones left out; none where it has one line, or too many. */
export function linesOfRecord(text: string): readonly string[] {
  if (!text.includes('\n')) return []
  const lines = text.split(/\r?\n/, eventsMax + 1)
  if (lines.length > eventsMax) return []
  const filled = lines.filter((line) => line.trim() !== '')
  return filled.length > 1 ? filled : []
}
