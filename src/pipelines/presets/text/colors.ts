const escape = String.fromCharCode(0x1b)
/** As it comes, or as programs write what they do not print. */
const colors = new RegExp(String.raw`(?:${escape}|\\x1b|\\u001b|#033)\[[0-9;:?]*[ -/]*[@-~]`, 'gi')

/** A line without the marks that give a terminal its colors: a word may begin right behind one. */
export function withoutColors(text: string): string {
  const mayHold = text.includes(escape) || text.includes('1b[') || text.includes('#033[')
  return mayHold ? text.replace(colors, '') : text
}
