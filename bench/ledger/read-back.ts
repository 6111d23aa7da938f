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
  const accounts: Account[] = []
  for (const topic of inputTopics) {
    const records: InputRecord[] = []
    await lab.kafka.readAll(topic, (partition, { offset, value, key }) => {
      records.push({ topic, partition, offset: Number(offset), identity: identityOf(value, key) })
    })
    const own = letters.filter((letter) => letter.startsWith(`${topic}-`))
    accounts.push(account(topic, records, documents, own))
  }
  return accounts
}

async function readDocumentIds(lab: FleetLab, documents: Set<string>): Promise<void> {
  await readDocuments(lab.searchUrl, 'fastmcp-logs-*', ({ _id }) => {
    documents.add(_id)
    // A document of several lines is that of its first record too.
    if (_id.includes('~')) documents.add(_id.slice(0, _id.indexOf('~')))
  })
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
