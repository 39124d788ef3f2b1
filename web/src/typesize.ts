import { useSyncExternalStore } from 'react'

const KEPT = 'duban:large-type'
const CHANGED = 'duban:type'

/** Whether this browser shows large type, for readers who asked for it. Kept where the browser keeps anything. */
export function useLargeType(): boolean {
  return useSyncExternalStore(listen, isLarge)
}

/** Shows large type from now on, or no longer. */
export function setLargeType(large: boolean): void {
  try {
    localStorage.setItem(KEPT, large ? 'yes' : 'no')
  } catch {
    // A browser that keeps nothing shows it until the page is left.
  }
  document.documentElement.classList.toggle('large-type', large)
  window.dispatchEvent(new Event(CHANGED))
}

/** Shows the type this browser kept, before the first page is drawn. */
export function keptType(): void {
  try {
    document.documentElement.classList.toggle('large-type', localStorage.getItem(KEPT) === 'yes')
  } catch {
    // Nothing is kept.
  }
}

const isLarge = () => document.documentElement.classList.contains('large-type')

function listen(changed: () => void): () => void {
  window.addEventListener(CHANGED, changed)
  return () => window.removeEventListener(CHANGED, changed)
}
