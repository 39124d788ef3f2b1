import { Button, Checkbox, Input, Radio, Select } from 'antd'
import { ColourTag, Due, StateTag } from '../components/Colour'
import { CommandProgress } from '../components/CommandProgress'
import { Field } from '../components/Field'
import { Page, Section } from '../components/Page'
import { AuthorityChip, SourceChip } from '../components/SourceChip'
import { Failure, Loading, Nothing, ProblemAlert } from '../components/States'
import { FormView } from '../form/FormView'
import { fieldsOf } from '../form/schema'
import { SchemaForm } from '../form/SchemaForm'
import { Actions } from '../pages/matter/Actions'
import { Clock, HeldTable } from '../pages/matter/Clock'
import { Stages } from '../pages/matter/Stages'
import { StoryList } from '../pages/matter/Story'
import { COLOURS, failed, form, g, matter, MATTER_STATES, NOW, refused, stages, STATES, story } from './samples'

const nothing = () => undefined

/** Every component and every kind of stage in every state, to be looked at; no build for users contains it. */
export function Gallery() {
  return (
    <Page title={g('title')} wide>
      {STATES.map((state) => (
        <Stages key={state} matter={{ ...matter, stage: state, stages: stages(state) }} explain={nothing} />
      ))}
      <Section title={g('kind-task')}>
        {COLOURS.map((colour) => (
          <p key={colour}>
            <ColourTag colour={colour} /> <Due colour={colour} due={colour === 'red' ? '2026-03-05T09:30:00Z' : '2026-03-13T09:30:00Z'} now={NOW} />
          </p>
        ))}
        {MATTER_STATES.map((state) => (
          <StateTag key={state} state={state} />
        ))}
        <SourceChip source="001 art. 5(1)" /> <AuthorityChip authority={matter.authority} /> <SourceChip setBy="office" />
      </Section>
      <Clock matter={matter} explain={nothing} />
      <div className="matter">
        <div className="matter-side">
          <Actions matter={matter} />
        </div>
        <div className="matter-main">
          <Section title={g('field-text')}>
            <FormView form={matter.formSchema} values={form} organisation="zibo" matter="0" />
          </Section>
          <Section title={g('sentence')}>
            <StoryList events={story} />
            <HeldTable matter={matter} />
          </Section>
        </div>
      </div>
      <div className="sheet">
        <SchemaForm form={matter.formSchema} fields={fieldsOf(matter.formSchema)} required={['text']} values={form} errors={{}} organisation="zibo" change={nothing} />
        <Field label={g('field-text')} required error={g('wrong')} hint={g('hint')}>
          {(aria) => <Input {...aria} />}
        </Field>
        <Field label={g('field-choice')}>{(aria) => <Select {...aria} options={[{ value: 'a', label: g('field-one') }]} />}</Field>
        <p>
          <Radio>{g('field-one')}</Radio> <Checkbox>{g('field-check')}</Checkbox> <Button type="primary">{g('action')}</Button>{' '}
          <Button>{g('other-action')}</Button> <Button danger>{g('other-action')}</Button> <Button disabled>{g('other-action')}</Button>
        </p>
      </div>
      <Loading />
      <Nothing title={g('nothing')} />
      <ProblemAlert problem={refused} />
      <Failure error={new Error()} again={nothing} />
      <CommandProgress progress={{ at: 'accepted', key: 'k' }} />
      <CommandProgress progress={{ at: 'refused', problem: refused }} />
      <CommandProgress progress={{ at: 'unknown', problem: failed }} />
    </Page>
  )
}
