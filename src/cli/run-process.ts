import { hostname, userInfo } from 'node:os'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { Host, TextOutput } from './host.ts'
import { runCli } from './run-cli.ts'

/** Runs the command of the process's arguments and ends the process with its exit code. */
export async function runProcess(stop: Promise<string>): Promise<void> {
  const host: Host = {
    environment: process.env,
    directory: process.cwd(),
    out: outputOf(process.stdout),
    errors: outputOf(process.stderr),
    readInput: () => text(process.stdin),
    lines: () => createInterface({ input: process.stdin }),
    stop,
    user: `${userName()}@${hostname()}`,
  }
  const exitCode = await runCli(process.argv.slice(2), host)
  await Promise.all([written(process.stdout), written(process.stderr)])
  // Connections that are still being tried must not keep the process alive.
  process.exit(exitCode)
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
