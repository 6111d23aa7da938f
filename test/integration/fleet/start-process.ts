import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guardFolder } from '../../../scripts/lab/guard.mjs'
import { FleetProcess } from './fleet-process.ts'

/** What a line of the fleet's plain view says. */
export interface ToldLine {
  readonly documents: number
  readonly duplicates: number
  readonly deadLetters: number
  readonly windows: number
  readonly alerts: number
}

export const viewLine = /^\d\d:\d\d \| application /

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-fleet-'))
  guardFolder(folder)
  return folder
}

export interface StartedFleet {
  readonly fleet: FleetProcess
  readonly folder: string
}

/** `npm start` in a folder of its own. */
export function startFleet(args: readonly string[], environment: Readonly<Record<string, string>> = {}): StartedFleet {
  const folder = temporaryFolder()
  return { fleet: new FleetProcess({ program: 'fleet/start', args, environment, folder }), folder }
}

export function lastTold(fleet: FleetProcess): ToldLine {
  const text = fleet.lines.findLast((line) => viewLine.test(line.text))?.text ?? ''
  const number = (name: string): number => Number(new RegExp(`\\b${name} (\\d+)`).exec(text)?.[1])
  return {
    documents: number('documents'),
    duplicates: number('duplicates'),
    deadLetters: number('dead letters'),
    windows: number('windows'),
    alerts: number('alerts'),
  }
}

/** Every line of every NDJSON file of a folder, parsed; throws at a line that is not JSON. */
export function ndjson(folder: string): Readonly<Record<string, Readonly<Record<string, unknown>>[]>> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => {
      const text = readFileSync(join(folder, name), 'utf8')
      if (!text.endsWith('\n')) throw new Error(`${name} does not end with a line end`)
      return [
        name,
        text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Record<string, unknown>),
      ]
    }),
  )
}
