import { Link, NavLink, Navigate, Route, Routes, useParams } from 'react-router'
import { useRulebooks } from '../../api/queries'
import { Page } from '../../components/Page'
import { Failure, Loading } from '../../components/States'
import NotFound from '../NotFound'
import { Derivation } from './Derivation'
import { Editor } from './Editor'
import { Procedures } from './Procedures'
import { useBook } from './queries'
import { short, t } from './text'
import { Versions } from './Versions'
import './rules.css'

/** The rules: every rulebook as its readers see it, its versions, and the change of it. */
export default function Rules() {
  return (
    <Routes>
      <Route index element={<Books />} />
      <Route path=":rulebook/*" element={<OneBook />} />
    </Routes>
  )
}

function Books() {
  const query = useRulebooks()
  const books = query.data?.items ?? []
  return (
    <Page title={t('rules')}>
      <p className="dim">{t('rules-hint')}</p>
      {query.error && !query.data ? (
        <Failure error={query.error} again={() => void query.refetch()} />
      ) : !query.data ? (
        <Loading />
      ) : (
        <table className="listing">
          <caption className="sr-only">{t('rules')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('book')}</th>
              <th scope="col">{t('derived-from')}</th>
              <th scope="col">{t('procedures')}</th>
              <th scope="col">{t('version')}</th>
            </tr>
          </thead>
          <tbody>
            {books.map((book) => (
              <tr key={book.key}>
                <td>
                  <Link to={`/rules/${book.key}`}>{book.title}</Link>
                </td>
                <td data-label={t('derived-from')}>{books.find((other) => other.key === book.extends)?.title ?? t('no-parent')}</td>
                <td data-label={t('procedures')}>{t('procedures-n', { n: book.procedures.length })}</td>
                <td data-label={t('version')}>
                  <code>{short(book.version)}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Page>
  )
}

function OneBook() {
  const rulebook = useParams().rulebook!
  const query = useBook(rulebook)
  const book = query.data
  if (!book)
    return <Page title={t('rules')}>{query.error ? <Failure error={query.error} again={() => void query.refetch()} /> : <Loading />}</Page>
  const at = (place: string) => `/rules/${rulebook}/${place}`
  const places: [string, string][] = [
    ['procedures', t('place-procedures')],
    ...(book.extends ? [['derivation', t('place-derivation')] as [string, string]] : []),
    ['versions', t('place-versions')],
    ['edit', t('place-edit')],
  ]
  return (
    <Page title={book.title} wide aside={<span className="tag">{t('in-force', { version: short(book.version) })}</span>}>
      <nav className="views" aria-label={t('places')}>
        {places.map(([place, title]) => (
          <NavLink key={place} to={at(place)} className="view">
            {title}
          </NavLink>
        ))}
      </nav>
      <Routes>
        <Route index element={<Navigate to={at('procedures')} replace />} />
        <Route path="procedures" element={<Navigate to={at(`procedures/${book.procedures[0]?.key ?? ''}`)} replace />} />
        <Route path="procedures/:procedure" element={<Procedures book={book} />} />
        <Route path="derivation" element={<Derivation book={book} />} />
        <Route path="versions" element={<Versions book={book} />} />
        <Route path="edit" element={<Editor key={rulebook} book={book} />} />
        <Route path="*" element={<NotFound />} />
      </Routes>
    </Page>
  )
}
