import type { FleetLab } from './fleet-lab.ts'
import { readDocuments } from './search-witness.ts'
import { topics } from '../../fleet/topics.ts'
import { type Account, account, type InputRecord } from './account.ts'

/** Reads everything back with kafkajs and the search API, and accounts for each input topic. */
export async function readBack(
  lab: FleetLab,
  inputTopics: readonly string[],
  identityOf: (value: Buffer | null, key: Buffer | null) => string | undefined,
): Promise<readonly Account[]> {
  const documents = new Set<string>()
  await readDocumentIds(lab, documents)
  const letters = await readDeadLetters(lab)
  const duplicates = await readDuplicates(lab)
  const accounts: Account[] = []
  for (const topic of inputTopics) {
    const records: InputRecord[] = []
    await lab.kafka.readAll(topic, (partition, { offset, value, key }) => {
      records.push({ topic, partition, offset: Number(offset), identity: identityOf(value, key) })
    })
    const own = letters.filter((letter) => letter.startsWith(`${topic}-`))
    accounts.push(account(topic, records, documents, own, duplicates))
  }
  return accounts
}

async function readDocumentIds(lab: FleetLab, documents: Set<string>): Promise<void> {
  await readDocuments(lab.searchUrl, 'fastmcp-logs-*', ({ _id }) => addDocument(documents, _id))
}

/** Ids of what was dropped, by the topic of duplicates; none where the lab has no such topic. */
async function readDuplicates(lab: FleetLab): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  if (lab.duplicatesTopic === undefined) return ids
  await lab.kafka.readAll(lab.duplicatesTopic, (_, { headers }) => addDocument(ids, String(headers?.['document-id'])))
  return ids
}

/** A document of several lines is that of its first record too. */
function addDocument(ids: Set<string>, id: string): void {
  ids.add(id)
  if (id.includes('~')) ids.add(id.slice(0, id.indexOf('~')))
}

/** Where each dead letter came from, by its headers. */
async function readDeadLetters(lab: FleetLab): Promise<readonly string[]> {
  const origins: string[] = []
  await lab.kafka.readAll(topics.deadLetters.name, (_, { headers }) => {
    const text = (name: string): string => String(headers?.[`__streams.errors.${name}`])
    origins.push(`${text('topic')}-${text('partition')}-${text('offset')}`)
  })
  return origins
}
