/** Writes lines to standard output, each with the seconds since this was made; an empty line stays empty. */
export function elapsedLines(): (line: string) => void {
  const startedMs = performance.now()
  return (line) => {
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(0).padStart(4)
    console.log(line === '' ? '' : `[${seconds} s] ${line}`)
  }
}
