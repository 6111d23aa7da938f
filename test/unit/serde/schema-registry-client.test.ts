import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { createSchemaRegistryClient, type SchemaRegistryClient } from '../../../src/serde/schema-registry-client.ts'

let server: Server
let client: SchemaRegistryClient

/** A server that gives these answers, the last one again and again. */
async function answering(...answers: readonly (readonly [status: number, body: string])[]): Promise<void> {
  let asked = 0
  server = createServer((_request, response) => {
    const [status, body] = answers[Math.min(asked++, answers.length - 1)]!
    response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  client = createSchemaRegistryClient({ url: `http://127.0.0.1:${port}`, deadlineMs: 400 })
}

afterEach(async () => {
  await client.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const found = [200, '{"schema": "\\"string\\""}'] as const

test.each([
  ['a page', 404, '<html>default backend - 404</html>'],
  ['JSON of a proxy', 404, '{"status": 404, "error": "Not Found"}'],
  ['a redirect', 302, '{}'],
  ['a request that came too slowly', 408, '{"error_code": 408}'],
  ['a refusal without a reason', 400, ''],
])('%s in the place of the registry says nothing about a schema: it is asked again', async (_name, status, body) => {
  await answering([status, body], found)
  expect(await client.schemaById(1)).toBe('"string"')
})

test.each([404, 302, 400])(
  "a status of %d that stays, and is not the registry's, is a retriable error only",
  async (status) => {
    await answering([status, '<html></html>'])
    await expect(client.schemaById(1)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE', consequence: 'retriable' })
    await expect(client.lookUp('logs-value', '"string"')).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
    await expect(client.versions('logs-value')).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
  },
)

test("the registry's own word that it does not know a schema is the record's fault", async () => {
  await answering([404, '{"error_code": 40403, "message": "Schema not found"}'])
  await expect(client.schemaById(1)).rejects.toMatchObject({ code: 'UNKNOWN_SCHEMA', consequence: 'record' })
})
