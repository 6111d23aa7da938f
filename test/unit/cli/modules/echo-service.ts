import { defineService } from '../../../../src/worker/index.ts'

/** How the process of a test sees the service, by the name of its topic. */
export const echoes = new Map<string, { fail: (error: Error) => void; isClosed: boolean }>()

/** Answers nothing, and fails when it is told to. */
export default defineService<{ readonly echo: { readonly topic: string } }>({
  name: 'echo',
  settings: [{ path: 'echo.topic', variable: 'ECHO_TOPIC', schema: { type: 'string', default: 'echo' } }],
  topics: ({ echo }) => [{ name: echo.topic, partitions: 2, replicationFactor: 1, configs: {} }],
  start: async ({ settings, kafka, metrics }) => {
    if (settings.echo.topic === 'refused') throw new Error('the echo does not start')
    const topics = await kafka.admin().listTopics()
    if (!topics.includes(settings.echo.topic)) throw new Error('the topic was not made')
    if (metrics.getMetricsAsArray().length === 0) throw new Error('there are no metrics')
    let fail = (_error: Error): void => {}
    const ended = new Promise<void>((_, reject) => {
      fail = reject
    })
    const echo = { fail, isClosed: false }
    echoes.set(settings.echo.topic, echo)
    return {
      ended,
      close: async () => {
        echo.isClosed = true
      },
    }
  },
})
