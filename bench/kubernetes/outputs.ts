import { createReadStream, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface Outputs {
  /** How many documents were written. */
  readonly documents: number
  /** How many of them are of an event that no other document is of. */
  readonly events: number
}

/** What the pods' sinks have written below this folder: one folder for each pod, files of lines. */
export async function countOutputs(folder: string): Promise<Outputs> {
  const events = new Set<string>()
  let documents = 0
  for (const file of linesFiles(folder)) {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const id = /"eventId":"(log-\d+)"/.exec(line)?.[1]
      if (id === undefined) continue
      documents++
      events.add(id)
    }
  }
  return { documents, events: events.size }
}

function linesFiles(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((pod) => {
    const logs = join(folder, pod, 'elasticsearch')
    return existsSync(logs) ? readdirSync(logs).map((name) => join(logs, name)) : []
  })
}
