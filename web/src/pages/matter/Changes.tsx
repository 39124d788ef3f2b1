import type { Matter } from '../../api/client'
import { useStory } from '../../api/queries'
import { Section } from '../../components/Page'
import { FileLink } from '../../form/FileField'
import { ValueView } from '../../form/FormView'
import { fieldsOf, isEmpty } from '../../form/schema'
import { moment } from '../../format'
import { t } from '../../text'
import { parts, sinceReturn, versions, type Revision } from './changes'

/** What changed in the form since the matter was last sent back, and the versions of its attachments. */
export function Changes({ matter }: { matter: Matter }) {
  const { data: story } = useStory(matter.id)
  if (!story) return null
  const since = matter.closed ? undefined : sinceReturn(story)
  const files = versions(matter.formSchema, story)
  return (
    <>
      {since && (
        <Section title={t('since-return')}>
          <p className="dim">
            {moment(since.returned.at)} {since.returned.sentence}
          </p>
          {since.returned.opinion && <blockquote className="returned-why">{since.returned.opinion}</blockquote>}
          {since.revisions.length === 0 && <p>{t('since-return-nothing')}</p>}
          <dl className="revisions">
            {since.revisions.map((revision) => (
              <div key={revision.field}>
                <dt>
                  {revision.title} <span className="dim">{t('revised', { by: revision.by, at: moment(revision.at) })}</span>
                </dt>
                <dd>
                  <Revised matter={matter} revision={revision} />
                </dd>
              </div>
            ))}
          </dl>
        </Section>
      )}
      {files.length > 0 && (
        <Section title={t('versions')}>
          {files.map((field) => (
            <div key={field.field} className="versions">
              <h3>{field.title}</h3>
              <ol>
                {field.versions.map((version, i) => (
                  <li key={version.file}>
                    <span className={version.until ? 'tag' : 'tag tag-green'}>{t(version.until ? 'version-old' : 'version-current')}</span>
                    <FileLink id={version.file} n={i + 1} matter={matter.id} />
                    <span className="dim">
                      {version.at && t('version-from', { at: moment(version.at), by: version.by ?? '' })}
                      {version.until && t('version-until', { at: moment(version.until) })}
                    </span>
                  </li>
                ))}
              </ol>
            </div>
          ))}
        </Section>
      )}
    </>
  )
}

/** A field before and after: texts with what differs marked, the rest one above the other. */
function Revised({ matter, revision: { field: name, from, to } }: { matter: Matter; revision: Revision }) {
  const field = fieldsOf(matter.formSchema).find((one) => one.name === name)
  if (!field) return null
  if (typeof from === 'string' && typeof to === 'string' && (field.kind === 'text' || field.kind === 'long-text')) {
    const { head, gone, come, tail } = parts(from, to)
    return (
      <p className="pre">
        {head}
        {gone && <del>{gone}</del>}
        {come && <ins>{come}</ins>}
        {tail}
      </p>
    )
  }
  const value = (one: unknown) => (isEmpty(one) ? t('was-empty') : <ValueView field={field} value={one} organisation={matter.organisation} matter={matter.id} />)
  return (
    <>
      <div className="was">
        <span className="tag">{t('was')}</span> {value(from)}
      </div>
      <div className="was">
        <span className="tag tag-green">{t('is')}</span> {value(to)}
      </div>
    </>
  )
}
