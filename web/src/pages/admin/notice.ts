/** What is wrong with a line of a year's notice. */
export type Fault = { line: number; text: string; why: 'no-date' | 'bad-date' | 'other-year' | 'no-name' | 'backwards' | 'twice' }

const DATE = /(\d{4})\D(\d{1,2})\D(\d{1,2})/g
const DAY = 24 * 3600_000

/**
 * The days of a year's notice as people write them: a line a festival, with one date or the first and the last, and its
 * name at the end: "2027-02-05 - 2027-02-11 X", with any separators.
 */
export function readNotice(text: string, year: number): { days: Record<string, string>; faults: Fault[] } {
  const days: Record<string, string> = {}
  const faults: Fault[] = []
  text.split('\n').forEach((raw, i) => {
    const line = raw.trim()
    if (line === '') return
    const fault = (why: Fault['why']) => faults.push({ line: i + 1, text: line, why })
    const dates = Array.from(line.matchAll(DATE), ([, y, m, d]) => civil(Number(y), Number(m), Number(d)))
    if (dates.length === 0) return fault('no-date')
    const [first, last = first] = dates
    if (first === undefined || last === undefined) return fault('bad-date')
    const name = line.replace(DATE, ' ').trim().split(/\s+/).pop() ?? ''
    if (!/^[^\d\s]{2,}$/u.test(name)) return fault('no-name')
    if (last < first) return fault('backwards')
    for (let at = first; at <= last; at += DAY) {
      const date = new Date(at).toISOString().slice(0, 10)
      if (Number(date.slice(0, 4)) !== year) return fault('other-year')
      if (date in days) return fault('twice')
      days[date] = name
    }
  })
  return { days, faults }
}

function civil(year: number, month: number, day: number): number | undefined {
  const at = Date.UTC(year, month - 1, day)
  const read = new Date(at)
  return read.getUTCMonth() === month - 1 && read.getUTCDate() === day ? at : undefined
}

/** The days written as a notice again, days in a row under one name on one line. */
export function writeNotice(days: Record<string, string>): string {
  const lines: { first: string; last: string; name: string }[] = []
  for (const [date, name] of Object.entries(days).sort()) {
    const before = lines[lines.length - 1]
    if (before && before.name === name && Date.parse(before.last) + DAY === Date.parse(date)) before.last = date
    else lines.push({ first: date, last: date, name })
  }
  return lines.map(({ first, last, name }) => (first === last ? `${first} ${name}` : `${first} - ${last} ${name}`)).join('\n')
}
