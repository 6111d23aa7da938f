/** An event of a stream of server-sent events. */
export interface ServerEvent {
  readonly type: string
  /** Where to continue after it; undefined: it does not say. */
  readonly id: string | undefined
  readonly data: string
}

/** Cuts the text of a stream into events. An event whose end has not come yet waits for it. */
export class ServerEventParser {
  #rest = ''

  /** The events that this part of the text completes. */
  push(text: string): readonly ServerEvent[] {
    const blocks = (this.#rest + text).split('\n\n')
    this.#rest = blocks.pop() ?? ''
    return blocks.flatMap((block) => eventOf(block) ?? [])
  }
}

/** Undefined where there is no data, as in a comment that keeps a connection open. */
function eventOf(block: string): ServerEvent | undefined {
  let type = 'message'
  let id: string | undefined
  const data: string[] = []
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    if (colon < 1) continue
    const value = line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    const name = line.slice(0, colon)
    if (name === 'data') data.push(value)
    else if (name === 'event') type = value
    else if (name === 'id') id = value
  }
  return data.length === 0 ? undefined : { type, id, data: data.join('\n') }
}
