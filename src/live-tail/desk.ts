import type { IncomingMessage, ServerResponse } from 'node:http'

/** What is asked of a path of a desk. */
export type DeskMethod = 'GET' | 'POST'

/** What a live tail serves besides lines, for a section of the console. */
export interface Desk {
  /** Its paths, each with the method that it answers. */
  readonly methods: Readonly<Record<string, DeskMethod>>
  /** Answers a request for one of its paths, with its method. Lets in only those who may look, and refuses the others. */
  answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void>
}
