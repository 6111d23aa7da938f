import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type SchemaRegistryServer, sharedApicurio } from '../../support/apicurio.ts'
import { sharedSearchServer } from '../../support/opensearch.ts'
import { requireServer } from '../../support/require-server.ts'

requireServer('opensearch').describe('the search server of the lab', () => {
  let server: Awaited<ReturnType<typeof sharedSearchServer>> | undefined

  beforeAll(async () => {
    server = await sharedSearchServer()
  })

  afterAll(() => server?.stop())

  test('answers a bulk request', async () => {
    const response = await fetch(`${server?.url}/_bulk`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: '{"create":{"_index":"lab-check","_id":"1"}}\n{"message":"hello"}\n',
    })
    const body = (await response.json()) as { items: { create: { status: number } }[] }
    expect([201, 409]).toContain(body.items[0]?.create.status)
  })
})

requireServer('apicurio').describe('the schema registry of the lab', () => {
  let registry: SchemaRegistryServer | undefined

  beforeAll(async () => {
    registry = await sharedApicurio()
  })

  afterAll(() => registry?.stop())

  test('gives a schema the same id each time it is registered', async () => {
    const register = async (): Promise<unknown> => {
      const response = await fetch(`${registry?.url}/subjects/lab-check/versions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ schema: '{"type":"record","name":"Check","fields":[]}' }),
      })
      return ((await response.json()) as { id: unknown }).id
    }
    const first = await register()
    expect(typeof first).toBe('number')
    expect(await register()).toBe(first)
  })
})
