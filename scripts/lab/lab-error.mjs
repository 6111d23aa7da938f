// @ts-check

/** Something that this machine lacks or that failed to start; the message is one line for a person. */
export class LabError extends Error {
  /** @override */
  name = 'LabError'
  code = 'LAB_UNAVAILABLE'
}

/**
 * Runs a command's main function; a LabError becomes one line and exit code 2.
 * @param {() => Promise<void>} main
 */
export async function runCommand(main) {
  try {
    await main()
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    console.error(error.message)
    process.exitCode = 2
  }
}
