import type { ServerResponse } from 'node:http'

/** A byte at a time until the client leaves. */
export function trickle(response: ServerResponse, everyMs: number): void {
  const timer = setInterval(() => response.write(' '), everyMs)
  response.on('close', () => clearInterval(timer))
}

/** As much as the client takes, until it leaves. */
export function flood(response: ServerResponse, wrote: (bytes: number) => void): void {
  const chunk = Buffer.alloc(64 * 1024, ' ')
  const more = (): void => {
    while (!response.destroyed && response.write(chunk)) wrote(chunk.length)
    wrote(chunk.length)
  }
  response.on('drain', more)
  response.on('error', () => {})
  more()
}
