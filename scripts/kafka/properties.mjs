// @ts-check

/**
 * Ports of one node on the loopback interface. `advertised`: where clients and other brokers are sent, as to a proxy.
 * @typedef {{ readonly client: number, readonly controller: number, readonly advertised?: number }} NodePorts
 */

/**
 * `server.properties` of a node that is broker and controller at once; later lines win, so `extra` may override.
 * @param {{ node: number, nodes: readonly NodePorts[], logFolder: string, extra?: Readonly<Record<string, string>> }} options
 */
export function brokerProperties({ node, nodes, logFolder, extra = {} }) {
  const ports = /** @type {NodePorts} */ (nodes[node - 1])
  const replicas = Math.min(nodes.length, 3)
  const inSync = nodes.length < 3 ? 1 : 2
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': node,
    'controller.quorum.voters': nodes.map(({ controller }, index) => `${index + 1}@127.0.0.1:${controller}`).join(','),
    listeners: `PLAINTEXT://127.0.0.1:${ports.client},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${ports.advertised ?? ports.client}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': logFolder,
    'broker.rack': `rack-${node}`,
    'auto.create.topics.enable': false,
    'num.partitions': 6,
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'share.coordinator.state.topic.num.partitions': 2,
    // Short where another node can take over; a lone one that was busy or paused must not be shut out of its own cluster.
    'broker.session.timeout.ms': nodes.length < 3 ? 30_000 : 3000,
    ...quickReactions,
    ...extra,
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

/** Short timers: a test should wait for its subject, not for a default meant for data centres. */
const quickReactions = {
  'group.initial.rebalance.delay.ms': 0,
  'group.min.session.timeout.ms': 1000,
  'group.consumer.min.heartbeat.interval.ms': 500,
  'group.streams.min.heartbeat.interval.ms': 500,
  'group.streams.min.session.timeout.ms': 6000,
  'group.streams.initial.rebalance.delay.ms': 0,
  'controller.quorum.election.timeout.ms': 500,
  'controller.quorum.fetch.timeout.ms': 1500,
  'broker.heartbeat.interval.ms': 500,
  'log.segment.delete.delay.ms': 1000,
  // Tests write records of 1970; a topic that sets its own retention loses them all the same.
  'log.retention.ms': -1,
}
