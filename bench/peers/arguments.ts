const given = new Map(
  process.argv.slice(2).map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)] as const),
)

/** Of a program of the jobs: `name=value`. */
export function argument(name: string): string {
  const value = given.get(name)
  if (value === undefined) throw new Error(`the argument ${name} is missing`)
  return value
}

/** To the process that measures. */
export function told(line: string): void {
  process.stdout.write(`${line}\n`)
}
