import { freePorts } from '../../scripts/lab/processes.mjs'
import { type KafkaCluster, startKafka } from './kafka-cluster.ts'
import { TcpProxy } from './tcp-proxy.ts'

/** One broker that clients reach through a proxy only, because the broker advertises it. */
export interface ProxiedKafka {
  readonly kafka: KafkaCluster
  readonly proxy: TcpProxy
  /** The proxy's address. */
  readonly bootstrap: string
  stop(): Promise<void>
}

export async function startProxiedKafka(
  extra: Readonly<Record<string, string>> = {},
  features?: Readonly<Record<string, number>>,
): Promise<ProxiedKafka> {
  const [broker, controller] = (await freePorts(2)) as [number, number]
  const proxy = await TcpProxy.start({ host: '127.0.0.1', port: broker })
  const listeners = `PLAINTEXT://127.0.0.1:${broker},CONTROLLER://127.0.0.1:${controller}`
  const kafka = await startKafka({
    ...(features === undefined ? {} : { features }),
    extra: {
      listeners,
      'controller.quorum.voters': `1@127.0.0.1:${controller}`,
      'advertised.listeners': `PLAINTEXT://${proxy.address}`,
      ...extra,
    },
  })
  return {
    kafka,
    proxy,
    bootstrap: proxy.address,
    stop: async () => {
      await proxy.stop()
      await kafka.stop()
    },
  }
}
