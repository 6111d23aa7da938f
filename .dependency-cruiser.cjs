/** Which rooms a room may import (ARCHITECTURE.md, layers): down only, ports only. */
const rooms = {
  core: [],
  serde: ['core'],
  kafka: ['core'],
  stores: ['core', 'serde', 'kafka'],
  redis: ['core'],
  sinks: ['core', 'redis'],
  pipelines: ['core'],
  detection: ['core'],
  alerts: ['core', 'sinks', 'pipelines', 'detection'],
  topology: ['core', 'serde', 'kafka', 'stores'],
  dsl: ['core', 'serde', 'kafka', 'stores', 'topology'],
  operators: ['core', 'serde', 'kafka', 'stores', 'sinks', 'topology'],
  runtime: ['core', 'serde', 'kafka', 'stores', 'sinks', 'topology', 'operators'],
  ops: ['core', 'serde', 'kafka', 'stores', 'sinks', 'topology', 'operators', 'runtime'],
  'live-tail': ['core', 'kafka', 'pipelines', 'alerts'],
  collectors: ['core', 'kafka', 'redis'],
}

/** Rooms within a room, from the bottom up: each may import those before it. What lies in the room itself is no room. */
const innerRooms = {
  'kafka/wire': ['protocol', 'connection', 'cluster', 'codec', 'group', 'admin', 'producer', 'consumer'],
  runtime: ['errors', 'state', 'task', 'thread', 'application'],
  alerts: ['rules', 'evaluation', 'gathering', 'sigma', 'episodes', 'watches', 'notices', 'notifiers'],
}

const innerLayers = Object.entries(innerRooms).flatMap(([room, inner]) =>
  inner.map((name, index) => ({
    name: `${room.replace('/', '-')}-${name}-imports-down-only`,
    severity: 'error',
    from: { path: `^src/${room}/${name}/` },
    to: { path: `^src/${room}/(${inner.slice(index + 1).join('|') || 'none'})/` },
  })),
)

/** Folders that implement a port: picked by the composition root, named by the public door, known to nobody else. */
const adapters =
  '^src/(kafka/(wire|memory)|stores/lmdb|sinks/(elasticsearch|splunk-hec|redis|files))/'

/** What the package lets others import. */
const doors = '^src/(index|alerts/index|collectors/index|detection/index|live-tail/index|ops/index|pipelines/index|replay/index|sinks/index|testing/index|worker/index)\\.ts$'

const layers = Object.entries(rooms).map(([room, below]) => ({
  name: `${room}-imports-down-only`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: `^src/(${[room, ...below].join('|')})/` },
}))

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...layers,
    ...innerLayers,
    {
      name: 'what-runs-an-application-is-above-it',
      comment: 'worker: a topology as a process; replay: the same topology over a range of the past; both know app.ts, which knows neither',
      severity: 'error',
      from: { path: '^src/(worker|replay)/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'nothing-below-knows-what-runs-it',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(worker|replay|cli)/' },
      to: { path: '^src/(worker|replay|cli)/' },
    },
    {
      name: 'adapters-behind-their-ports',
      comment: 'only app.ts, the public door, test support and the adapter itself may know an adapter',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(app|index|sinks/index)\\.ts$|^src/testing/|${adapters}` },
      to: { path: adapters },
    },
    {
      name: 'adapters-know-no-other-adapter',
      severity: 'error',
      from: { path: adapters },
      to: { path: adapters, pathNot: '^src/$1/' },
    },
    {
      name: 'users-come-through-the-public-door',
      comment: 'topologies, schemas and workers are users of the package like anybody else',
      severity: 'error',
      from: { path: '^(topologies|schemas|workers)/' },
      to: { path: '^src/', pathNot: doors },
    },
    {
      name: 'the-fleet-is-a-composition-root',
      comment: 'it runs the package as a process: the doors, and the core that they speak with',
      severity: 'error',
      from: { path: '^fleet/', pathNot: '^fleet/start/observed-worker\\.ts$' },
      to: { path: '^src/', pathNot: `${doors}|^src/(app\\.ts$|core/)` },
    },
    {
      name: 'a-demonstration-runs-workers-as-the-command-does',
      comment: 'several in one process, each with its HTTP server and taps',
      severity: 'error',
      from: { path: '^fleet/start/observed-worker\\.ts$' },
      to: { path: '^src/', pathNot: `${doors}|^src/(worker/(prepare|start)-worker|cli/tap/worker-tap)\\.ts$` },
    },
    {
      name: 'the-console-runs-in-a-browser',
      comment: 'of the sources it may have only what needs no Node, and what is tiny',
      severity: 'error',
      from: { path: '^console/' },
      to: { path: '^(src|topologies|schemas|workers|fleet|bench|test|scripts)/', pathNot: '^src/(pipelines/levels/level|topology/picture/(picture|layered-layout|arrow-path)|live-tail/(analytics/numbers-shape|alerts/alerts-shape))\\.ts$' },
    },
    {
      name: 'components-do-not-know-the-page',
      severity: 'error',
      from: { path: '^console/react/' },
      to: { path: '^console/page/' },
    },
    {
      name: 'streams-are-read-without-react',
      comment: 'what reads a stream is tested without a browser',
      severity: 'error',
      from: { path: '^console/react/(stream|fleet)/' },
      to: { path: '^console/react/(view|alerts|analytics|streams|executions)/|node_modules/react' },
    },
    {
      name: 'sources-do-not-import-their-users',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(console|topologies|schemas|workers|fleet|bench|test|scripts)/' },
    },
    {
      name: 'topologies-are-pure',
      severity: 'error',
      from: { path: '^topologies/' },
      to: { path: '^(workers|fleet|bench|test|scripts)/' },
    },
    { name: 'no-circle', severity: 'error', from: { pathNot: '^src/dsl/handles/' }, to: { circular: true } },
    {
      name: 'handles-return-each-other',
      comment: 'the types that users hold, one a file; nothing but types',
      severity: 'error',
      from: { path: '^src/dsl/handles/' },
      to: { circular: true, via: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-tools-in-the-package',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], extensions: ['.ts', '.mjs', '.js', '.json'], conditionNames: ['import', 'node', 'default'] },
  },
}
