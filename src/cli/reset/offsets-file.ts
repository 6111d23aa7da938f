import { readFile } from 'node:fs/promises'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import { partitionKey } from '../../kafka/port.ts'

/**
 * Lines of `topic,partition,offset`, as the tools of Kafka write them. Rejects with OFFSETS_FILE, which names every
 * line that cannot be read.
 */
export async function readOffsetsFile(path: string): Promise<ReadonlyMap<string, number>> {
  const lines = (await textOf(path)).split(/\r?\n/)
  const faults: string[] = []
  const offsets = new Map<string, number>()
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const [topic = '', partition = '', offset = ''] = line.split(',').map((part) => part.trim())
    if (topic !== '' && /^\d+$/.test(partition) && /^\d+$/.test(offset))
      offsets.set(partitionKey(topic, Number(partition)), Number(offset))
    else faults.push(`line ${index + 1} is ${JSON.stringify(line)}`)
  }
  if (faults.length > 0) throw refused(`${path}: ${faults.join('; ')}; write topic,partition,offset`)
  return offsets
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw refused(`${path} cannot be read (${errorMessage(cause)})`)
  }
}

function refused(text: string): MillraceError {
  return new MillraceError('OFFSETS_FILE', 'fatal', text)
}
