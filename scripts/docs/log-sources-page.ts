import { kindTopology } from '../../fleet/kinds.ts'
import { topics } from '../../fleet/topics.ts'
import { string } from '../../src/index.ts'
import { pipeline } from '../../src/pipelines/index.ts'
import { TopologyTestDriver } from '../../src/testing/index.ts'
import type { EnrichedLog } from '../../topologies/enriched-log.ts'
import { defaultInputPolicy } from '../../topologies/input-policy.ts'
import { type LogSource, logSources } from './log-sources.ts'

const receivedMs = Date.UTC(2026, 10, 24, 8)
const sink = 'documents'

/** The documents that the application worker makes of records, with a pipeline without steps. */
export async function documentsOf({ records }: LogSource): Promise<readonly string[]> {
  const topology = kindTopology('application', {
    sinks: [sink],
    pipeline: pipeline({ name: 'application' }),
    policy: { ...defaultInputPolicy, keepsOriginal: false },
    avro: undefined,
    geo: undefined,
    pace: 'production',
  })
  const driver = new TopologyTestDriver(topology.build(), { startMs: receivedMs })
  try {
    const input = driver.createInputTopic(topics.application.name, { key: string(), value: string() })
    for (const record of records) input.pipeInput('source', record, receivedMs)
    driver.advanceWallClock(60_000)
    return driver.sinkRecords(sink).map(({ value }) => (value as EnrichedLog).toText())
  } finally {
    await driver.close()
  }
}

/** docs/log-sources.md. */
export async function logSourcesPage(): Promise<string> {
  const parts: string[] = []
  for (const source of logSources) {
    const documents = await documentsOf(source)
    parts.push(
      `## ${source.name}\n${source.how}\n\n\`\`\`\n${source.records.join('\n')}\n\`\`\`\n\nbecomes\n\n\`\`\`json\n${documents
        .map((text) => JSON.stringify(JSON.parse(text), undefined, 2))
        .join('\n')}\n\`\`\`\n`,
    )
  }
  return `# Log sources

What the application worker makes of the records of ${logSources.length} usual sources, with a pipeline without steps, received at 08:00 on 2026-11-24. Nothing has to be configured for them. The line or JSON as it came would be in \`event.original\`, which is left out here (\`INPUT_ORIGINAL=false\`).
This page is written by \`npm run docs:sources\`, and a test compares it. For your own lines: \`millrace describe MODULE --sample FILE\` prints the same. More is in [pipelines](pipelines.md).

${parts.join('\n')}`
}
