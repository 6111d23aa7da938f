/** Puts a text on the clipboard. Without TLS, and beyond the loopback, a page has none: then somebody copies by hand. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard === undefined) window.prompt('Copy this', text)
  else await navigator.clipboard.writeText(text)
}
