import { json, openKafka, openTopicWriter, string } from 'millrace'
import type { View } from './page-views.ts'

// node write-views.ts /home /prices: writes a view of each page.
const kafka = openKafka({ bootstrap: process.env.KAFKA_BOOTSTRAP_SERVERS ?? 'localhost:9092' })
const views = await openTopicWriter(kafka, 'views', { key: string(), value: json<View>() })
for (const page of process.argv.slice(2)) await views.write('somebody', { page })
await views.close()
await kafka.close()
