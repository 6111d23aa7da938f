import type { Fields } from '../../src/pipelines/index.ts'

/** Lines that belong to the trace before them, whatever language wrote it. */
const always =
  /^(?:[ \t]+\S|Caused by: |Suppressed: |Wrapped by: |\.\.\. \d+ (?:more|common)|Traceback \(most recent call last\)|During handling of the above exception|The above exception was the direct cause|Stack trace:|PHP Stack trace:|PHP {2,}\d+\. |#\d+ |goroutine \d+ \[|created by |exit status \d+$|\[signal |-{2,} End of |Node\.js v\d)/
/** `java.lang.IllegalStateException: …`, `ValueError: …`, `Error: …`: names of errors behind a log line, or the end of a trace. */
const errorName =
  /^(?:[A-Za-z_$][\w$]{0,80}[.:]{1,2}){0,20}[A-Za-z_$][\w$]{0,80}(?:Error|Exception|Throwable|Interrupt|Exit|Failure|Warning)(?:\s*\[[\w ]{1,40}\])?(?::|$)/
const goCall = /^[\w./*()[\]{}·-]{1,300}\(.{0,300}\)$/
const ends = /^(?:[}\])]+;?|)$/
/** A trace of Go, Python or Node has empty lines in it. */
const hasGaps = /goroutine \d+ \[|^panic: |Traceback \(most recent|\n\s+\^|\n\s+at /m

const keyStarts = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/
const keyEnd = '-----END '
const keyLine =
  /^(?:[A-Za-z0-9+/]{1,80}={0,2}|=[A-Za-z0-9+/]{4}|(?:Proc-Type|DEK-Info|Version|Comment|Hash): .{1,100}|-----END [A-Z0-9 ]{0,40}PRIVATE KEY.{0,20}|)$/

const starts =
  /Exception|Error\b|Throwable|Traceback \(|panic:|[Ff]atal error|Uncaught|Unhandled|goroutine \d|Stack ?trace|\.[mc]?[jt]s:\d+$/
const lookedAtMax = 2000

/** Whether more of a trace or a key may follow this text. None follows the line of a request, which would wait for nothing. */
export function mayContinue(text: string, { level, statusCode }: Fields): boolean {
  if (statusCode !== undefined) return false
  if (level === 'error' || level === 'critical' || level === 'warn') return true
  const head = text.slice(0, lookedAtMax)
  return starts.test(head) || (keyStarts.test(head) && !text.includes(keyEnd))
}

/** Whether a line is one of the private key before it, which is redacted as a whole: by itself it looks like any text. */
export function isOfKey(line: string, lines: readonly string[]): boolean {
  const [first = ''] = lines
  return keyStarts.test(first.slice(0, lookedAtMax)) && !lines.at(-1)?.includes(keyEnd) && keyLine.test(line)
}

/** Lines that nothing but a trace has. */
const frames =
  /^(?:[ \t]+(?:at |File "|\.\.\. \d+ |from |raise |\^)|Caused by: |Suppressed: |Traceback \(most recent call last\))/

/**
 * The same for a line that has a time and a level: a shipper may have given them to each line of a trace, but they mostly
 * make an event of its own.
 */
export function isFrame(line: string, before: string): boolean {
  if (frames.test(line)) return true
  return hasGaps.test(before.slice(0, lookedAtMax)) && isContinuation(line, before)
}

/** Whether a line is the next one of the trace before it. */
export function isContinuation(line: string, before: string): boolean {
  if (always.test(line)) return true
  const head = line.slice(0, lookedAtMax)
  if (errorName.test(head)) return true
  return (ends.test(line) || goCall.test(head)) && hasGaps.test(before.slice(0, lookedAtMax))
}
