/** A record of more lines stays one event. */
const linesMax = 10_000

/** The lines of a text that may be events of their own, blank ones left out; none where it has one line, or too many. */
export function linesOfRecord(text: string): readonly string[] {
  if (!text.includes('\n')) return []
  const lines = text.split(/\r?\n/, linesMax + 1)
  if (lines.length > linesMax) return []
  const filled = lines.filter((line) => line.trim() !== '')
  return filled.length > 1 ? filled : []
}
