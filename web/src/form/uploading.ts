import { createContext, useCallback, useState } from 'react'

/** How the file fields of a form tell it that a file sets out, or is no longer on its way. */
export const Uploading = createContext<(change: 1 | -1) => void>(() => {})

/** Whether files of a form are still on their way; `tell` is what the form gives its fields. */
export function useUploading(): { uploading: boolean; tell: (change: 1 | -1) => void } {
  const [n, setN] = useState(0)
  const tell = useCallback((change: 1 | -1) => setN((before) => before + change), [])
  return { uploading: n > 0, tell }
}
