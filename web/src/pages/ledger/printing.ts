import { useEffect, useRef, useState } from 'react'
import { readChart, type ChartMatter, type LineFilter } from '../../api/ledgers'

const MOST = 1000 // matters on paper: fifty sheets of A3

/**
 * Printing all a filter chooses, and not only what has been read for the screen: `read` counts while it is read, `whole` is
 * what the sheets show until they are printed.
 */
export function usePrinting(filter: LineFilter) {
  const [read, setRead] = useState<number>()
  const [whole, setWhole] = useState<ChartMatter[]>()
  const [error, setError] = useState<unknown>()
  const running = useRef<AbortController>(undefined)
  useEffect(() => () => running.current?.abort(), [])
  useEffect(() => {
    if (!whole) return
    window.print() // returns once the window that asks for a printer is closed
    setWhole(undefined)
  }, [whole])

  const start = async () => {
    const controller = (running.current = new AbortController())
    setError(undefined)
    setRead(0)
    try {
      setWhole(await readChart(filter, MOST, setRead, controller.signal))
    } catch (cause) {
      if (!controller.signal.aborted) setError(cause)
    }
    setRead(undefined)
  }
  return { read, whole, error, start: () => void start(), stop: () => running.current?.abort() }
}
