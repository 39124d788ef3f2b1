import type { Schemas } from '../../api/client'

type Day = Schemas['Day']
export type Cell = { date: string; day: number; of?: Day }
export type Month = { key: string; weeks: (Cell | undefined)[][] }

/** The months that days fall in, as weeks from Monday, each cell with its day where one is counted or skipped. */
export function months(days: readonly Day[]): Month[] {
  const known = new Map(days.map((day) => [day.date.slice(0, 10), day]))
  const keys = [...new Set([...known.keys()].map((date) => date.slice(0, 7)))].sort()
  return keys.map((key) => {
    const [year, month] = key.split('-').map(Number) as [number, number]
    const length = new Date(Date.UTC(year, month, 0)).getUTCDate()
    const lead = (new Date(Date.UTC(year, month - 1, 1)).getUTCDay() + 6) % 7
    const cells: (Cell | undefined)[] = Array.from({ length: lead }, () => undefined)
    for (let day = 1; day <= length; day++) {
      const date = `${key}-${String(day).padStart(2, '0')}`
      cells.push({ date, day, of: known.get(date) })
    }
    while (cells.length % 7 !== 0) cells.push(undefined)
    const weeks: (Cell | undefined)[][] = []
    for (let i = 0; i < cells.length; i += 7) weeks.push(cells.slice(i, i + 7))
    return { key, weeks: weeks.filter((week) => week.some((cell) => cell?.of)) }
  })
}
