/** The nonce the server allows style elements with, from the page's head; nothing in development. */
export function cspNonce(): string | undefined {
  const content = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content
  return content && !content.startsWith('__') ? content : undefined
}

/**
 * Gives every style element made from now on the nonce. antd passes it on by itself except where it locks scrolling
 * behind a dialog, which the policy would refuse.
 */
export function markStyles(nonce: string): void {
  const create = document.createElement.bind(document)
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const element = create(name, options)
    if (element instanceof HTMLStyleElement) element.nonce = nonce
    return element
  }) as typeof document.createElement
}
