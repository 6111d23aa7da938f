import { constants, hostname, userInfo } from 'node:os'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { Host, TextOutput } from './host.ts'
import { runCli } from './run-cli.ts'

/** Runs the command of the process's arguments and ends the process with its exit code. */
export async function runProcess(stop: Promise<string>): Promise<void> {
  let isAwaited = false
  const host: Host = {
    environment: process.env,
    directory: process.cwd(),
    out: outputOf(process.stdout),
    errors: outputOf(process.stderr),
    readInput: () => text(process.stdin),
    lines: () => createInterface({ input: process.stdin }),
    get stop() {
      isAwaited = true
      return stop
    },
    user: `${userName()}@${hostname()}`,
  }
  void stop.then((signal) => {
    if (!isAwaited) endAtOnce(host, signal)
  })
  const exitCode = await runCli(process.argv.slice(2), host)
  await Promise.all([written(process.stdout), written(process.stderr)])
  // Connections that are still being tried must not keep the process alive.
  process.exit(exitCode)
}

/** A command that does not wait for the signal ends as one without a handler would: what it had begun stays as it is. */
function endAtOnce({ errors }: Host, signal: string): void {
  errors.write(`millrace: ended by ${signal}; a change that had begun may be done in part\n`)
  process.exit(128 + (constants.signals[signal as NodeJS.Signals] ?? 0))
}

function outputOf(stream: NodeJS.WriteStream): TextOutput {
  // A reader that closes the pipe early, such as head, is no error.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  return {
    write: (content) => void stream.write(content),
    isTerminal: stream.isTTY === true,
    columns: stream.columns ?? 80,
  }
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // In a container the user id often has no name.
    return String(process.getuid?.() ?? 'unknown')
  }
}

/** Resolves when the stream has passed on everything: `process.exit` drops what a pipe has not taken yet. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve())
  })
}
