import { type Template, TemplateMiner, type TemplateOptions } from '../../src/detection/index.ts'

/** The id of the template that each message has in the end. */
export function minedIds(messages: readonly string[], options: TemplateOptions): readonly string[] {
  const miner = new TemplateMiner(options)
  const templates: readonly Template[] = messages.map((message) => miner.learn(message).template)
  return templates.map(({ id }) => id)
}

/** The share of lines that have the same id where all lines are mined together and where they are dealt to `parts` miners. */
export function agreement(messages: readonly string[], options: TemplateOptions, parts: number): number {
  const together = minedIds(messages, options)
  let equal = 0
  for (let part = 0; part < parts; part++) {
    const own = messages.filter((_, index) => index % parts === part)
    for (const [index, id] of minedIds(own, options).entries()) if (id === together[index * parts + part]) equal++
  }
  return equal / messages.length
}
