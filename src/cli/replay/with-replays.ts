import { Replays } from '../../replay/replays.ts'
import type { PreparedWorker } from '../../worker/prepare-worker.ts'
import type { Cli, CommonOptions } from '../cli.ts'
import type { ExitCode } from '../host.ts'

/** Opens the replays of a module's application for the time of a command. */
export async function withReplays(
  cli: Cli,
  module: string,
  options: CommonOptions,
  run: (replays: Replays, worker: PreparedWorker) => Promise<ExitCode>,
  role?: 'command' | 'worker',
): Promise<ExitCode> {
  const worker = await cli.worker(module, options)
  const { engine, sinks, topology, settings } = worker
  const kafka = cli.connection(() => settings.kafka, role)
  const replays = await Replays.open({ ...engine, kafka, sinks }, topology)
  try {
    return await run(replays, worker)
  } finally {
    await replays.close()
  }
}
