// How a person presses, fills and chooses what the eyes made out: with the mouse, or by keyboard alone.
// Milliseconds something may take to appear, on a machine that others use too and that stands still at times.
export const PATIENCE = 45_000
const TABS = 250 // presses of the Tab key after which an element counts as out of reach

export class Hands {
  constructor(page, keyboard) {
    Object.assign(this, { page, keyboard })
  }

  /** One question to the eyes inside the page. A page that is left meanwhile is looked at anew. */
  async ask(what, ...args) {
    const { patience = PATIENCE } = args.find((one) => typeof one === 'object') ?? {}
    for (let again = 3; ; again--) {
      try {
        return await this.page.evaluate(([name, rest]) => window.eyes[name](...rest), [what, [...args, patience]])
      } catch (error) {
        if (again === 0 || !/context was destroyed|navigation/.test(error.message)) throw error
      }
    }
  }

  /** Presses a control. */
  async press(name, where = {}) {
    if (!this.keyboard) return this.#click('control', name, where)
    const kind = await this.#reach('control', name, where)
    if (kind === 'radio' && !(await this.#there())) await this.#arrow()
    if (kind === 'menuitem') await this.#arrow()
    await this.page.keyboard.press(kind === 'checkbox' || kind === 'radio' ? 'Space' : 'Enter')
  }

  /** Answers a question of a checklist: 是 or 否. */
  async answer(question, word) {
    await this.press(word, { within: `[role=radiogroup][aria-label="${question}"]` })
  }

  /** Replaces what a field holds. */
  async fill(label, text, where = {}) {
    await this.focus(label, where)
    await this.page.keyboard.press('Control+A')
    if (text === '') await this.page.keyboard.press('Delete')
    else await this.page.keyboard.insertText(text) // as an input method does
  }

  /** Picks an option of a list that can be searched, by typing its beginning. */
  async choose(label, option, where = {}) {
    await this.focus(label, where)
    await this.page.keyboard.insertText(option)
    await this.page.evaluate(([wanted, patience]) => window.eyes.wait('option', wanted, {}, patience), [option, PATIENCE])
    if (this.keyboard) await this.page.keyboard.press('Enter')
    else await this.#click('option', option, {})
  }

  /** Types a day into a field for one. */
  async date(label, day, where = {}) {
    await this.fill(label, day, where)
    await this.page.keyboard.press('Enter')
  }

  /** Hands over files through the window that asks for them, and waits until they are there. */
  async attach(button, files, where = {}) {
    const asked = this.page.waitForEvent('filechooser')
    await this.press(button, where)
    await (await asked).setFiles(files)
    for (const { name } of [files].flat()) await this.ask('wait', 'text', name, { within: '.file' })
    await this.page.waitForFunction(() => !document.querySelector('.file progress'))
  }

  async focus(label, where = {}) {
    if (this.keyboard) await this.#reach('field', label, where)
    else await this.#click('field', label, where)
  }

  async #click(kind, name, where) {
    const { x, y } = await this.ask('point', kind, name, where)
    await this.page.mouse.click(x, y)
  }

  /** Walks with the Tab key to it, or to the group or menu it is in. */
  async #reach(kind, name, where) {
    const found = await this.ask('aim', kind, name, where)
    for (let tabs = 0; tabs < TABS; tabs++) {
      if ((await this.page.evaluate(() => window.eyes.reached())) !== 'no') return found
      await this.page.keyboard.press('Tab')
    }
    throw new Error(`"${name}" is not reached by keyboard`)
  }

  /** From where the Tab key stops in a group or menu to the one wanted. */
  async #arrow() {
    for (let steps = 0; steps < 30; steps++) {
      if (await this.#there()) return
      await this.page.keyboard.press('ArrowDown')
    }
    throw new Error('what is wanted of a group is not reached by arrows')
  }

  async #there() {
    return (await this.page.evaluate(() => window.eyes.reached())) === 'there'
  }
}
