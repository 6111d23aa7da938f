/** Asks a worker over HTTP. Rejects with the reason that `fetch` wraps, such as a refused connection with its address. */
export async function workerRequest(url: URL, token: string | undefined, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal,
    })
  } catch (error) {
    throw (error as { cause?: unknown }).cause ?? error
  }
}
