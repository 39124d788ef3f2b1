import { Link } from 'react-router'
import type { Schemas } from '../api/client'
import { day, moment } from '../format'
import { t } from '../text'
import type { Column } from './Listing'

export type SlipSummary = Schemas['SlipSummary']

/** The page of a slip, whose id is "<matter>.<number>": a dot in an address would look like a file's. */
export const slipPage = (id: string) => `/slips/${id.replace('.', '/')}`

export const slipDocument = (id: string, format: 'docx' | 'pdf') => `/api/v1/slips/${encodeURIComponent(id)}/document?format=${format}`

/** How many signed for a slip, of how many. */
export const Signed = ({ slip }: { slip: SlipSummary }) => (
  <span className={`tag ${slip.signed < slip.addressees ? 'tag-amber' : 'tag-green'}`}>
    {slip.signed < slip.addressees ? t('signed-some', { signed: slip.signed, all: slip.addressees }) : t('signed-all')}
  </span>
)

export const slipColumns: Column<SlipSummary>[] = [
  {
    title: t('col-slip'),
    className: 'col-main',
    cell: (slip) => (
      <>
        <Link to={slipPage(slip.id)} className="row-title">
          {slip.number}
        </Link>
        <span className="dim">
          {slip.kindTitle} · {slip.title}
        </span>
      </>
    ),
  },
  { title: t('col-signed'), className: 'col-mid', cell: (slip) => <Signed slip={slip} /> },
  { title: t('col-unit-issued'), className: 'col-post', cell: (slip) => slip.unitName },
  { title: t('col-slip-due'), className: 'col-time', cell: (slip) => (slip.due ? day(slip.due) : '') },
  { title: t('col-at'), className: 'col-time', cell: (slip) => moment(slip.at) },
]

export const SlipLinks = ({ slip }: { slip: SlipSummary }) => (
  <span className="links">
    <a href={slipDocument(slip.id, 'pdf')} target="_blank" rel="noopener">
      {t('download-pdf')}
      <span className="sr-only">{slip.number}</span>
    </a>
    <a href={slipDocument(slip.id, 'docx')} download>
      {t('download-docx')}
      <span className="sr-only">{slip.number}</span>
    </a>
  </span>
)
