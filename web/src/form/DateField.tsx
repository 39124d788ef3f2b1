import { DatePicker } from 'antd'
import dayjs from 'dayjs'

const FORMAT = 'YYYY-MM-DD'

/** A civil day, held as 2026-01-31. */
export function DateField({ value, set, ...aria }: { id?: string; value: string | undefined; set: (next: string | undefined) => void }) {
  const day = value ? dayjs(value, FORMAT) : null
  return (
    <DatePicker
      {...aria}
      className="date"
      value={day?.isValid() ? day : null}
      format={['YYYY年M月D日', FORMAT, 'YYYY/M/D', 'YYYYMMDD']}
      onChange={(next) => set(next ? next.format(FORMAT) : undefined)}
    />
  )
}
