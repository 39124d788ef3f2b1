// What a person makes out on a page, run inside it: controls by their names, fields by their labels, texts. Written for
// browsers of 2020, which Playwright's own locators need newer ones than.
window.eyes = (() => {
  const CONTROLS =
    'a[href],button,summary,[role=button],[role=menuitem],[role=tab],[role=option],[role=switch],input[type=checkbox],input[type=radio],.ant-select-item-option'
  const FIELDS = 'input:not([type=hidden]),textarea,select,[role=combobox]'
  const POPUPS = '.ant-dropdown,.ant-select-dropdown,.ant-picker-dropdown,.ant-popover,.ant-message,.ant-notification'

  const tidy = (text) => (text || '').replace(/\s+/g, ' ').trim()
  const shown = (element) => {
    if (element.getClientRects().length === 0 || element.closest('[aria-hidden="true"],.ant-select-dropdown-hidden')) return false
    if (element.checkVisibility && !element.checkVisibility()) return false
    return getComputedStyle(element).visibility === 'visible'
  }
  const name = (element) => {
    const by = element.getAttribute('aria-labelledby')
    if (by) return tidy(by.split(' ').map((id) => document.getElementById(id)?.innerText).join(' '))
    const label = element.getAttribute('aria-label')
    if (label) return tidy(label)
    if (element.labels && element.labels.length > 0) return tidy(element.labels[0].innerText)
    return tidy(element.innerText)
  }
  const disabled = (element) => element.disabled || element.getAttribute('aria-disabled') === 'true'

  /** The dialog in front, or the page; what pops up beside it counts to it. Of a page that is only coming, nothing. */
  const scopes = ({ row, within }) => {
    if (!document.body) return []
    const fronts = [...document.querySelectorAll('[role=dialog]')].filter(shown)
    let roots = [fronts.length > 0 ? fronts[fronts.length - 1] : document.body]
    if (within) roots = roots.concat(document.body).flatMap((root) => [...root.querySelectorAll(within)]).filter(shown)
    if (row) {
      const rows = roots.flatMap((root) => [...root.querySelectorAll('tr,li')]).filter((one) => shown(one) && tidy(one.innerText).includes(row))
      return rows.filter((one) => !rows.some((other) => other !== one && one.contains(other)))
    }
    return within ? roots : [...roots, ...document.querySelectorAll(POPUPS)]
  }

  /** The best of the elements with this name: named so, or beginning so. */
  const best = (selector, wanted, where) => {
    const all = scopes(where).flatMap((root) => [...root.querySelectorAll(selector)]).filter(shown)
    return all.find((one) => name(one) === wanted) || all.find((one) => name(one).startsWith(wanted))
  }

  const kinds = {
    control: (wanted, where) => best(CONTROLS, wanted, where),
    field: (wanted, where) => best(FIELDS, wanted, where),
    option: (wanted) =>
      [...document.querySelectorAll('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option')].find(
        (one) => shown(one) && tidy(one.innerText).includes(wanted),
      ),
    file: (_, where) => scopes(where).flatMap((root) => [...root.querySelectorAll('input[type=file]')])[0],
    text: (wanted, where) => scopes(where).concat(where.within || where.row ? [] : document.body || []).find((root) => tidy(root.innerText).includes(wanted)),
  }

  const frame = () => new Promise((resolve) => setTimeout(resolve, 30))
  const still = async (element) => {
    for (let last = ''; ; ) {
      const { left, top, width, height } = element.getBoundingClientRect()
      const now = [left, top, width, height].join()
      if (now === last) return { x: left + width / 2, y: top + height / 2 }
      last = now
      await frame()
    }
  }
  const offered = (where) =>
    scopes(where).flatMap((root) => [...root.querySelectorAll(`${CONTROLS},${FIELDS}`)]).filter(shown).map((one) => name(one) + (disabled(one) ? '×' : '')).join(' | ')

  /** Waits for it. Says what there is instead when it does not come. */
  const wait = async (kind, wanted, where, patience) => {
    const until = Date.now() + patience
    for (;;) {
      const found = document.body && kinds[kind](wanted, where) // a page that is on its way has none
      if (found && (kind === 'text' || !disabled(found))) return found
      if (Date.now() > until) throw new Error(`${location.pathname}: no ${kind} "${wanted}" ${JSON.stringify(where)}; there is: ${kind === 'text' ? scopes(where).map((root) => tidy(root.innerText)).join(' || ').slice(0, 2000) : offered(where)}`)
      await frame()
    }
  }

  return {
    wait,
    /** Where to click: in view, at rest, and with nothing in front of it. */
    async point(kind, wanted, where, patience) {
      const until = Date.now() + patience
      for (;;) {
        const element = await wait(kind, wanted, where, patience)
        element.scrollIntoView({ block: 'center' })
        const at = await still(element)
        const hit = document.elementFromPoint(at.x, at.y)
        if (hit && (element.contains(hit) || hit.contains(element))) return at
        if (Date.now() > until) throw new Error(`${location.pathname}: "${wanted}" is covered by ${hit?.outerHTML.slice(0, 200)}`)
        await frame()
      }
    },
    /** Keeps an element in mind, to be reached by keyboard. */
    async aim(kind, wanted, where, patience) {
      this.target = await wait(kind, wanted, where, patience)
      const { tagName, type } = this.target
      return tagName === 'INPUT' ? type : this.target.getAttribute('role')
    },
    /** Whether the focus is on what was aimed at, or beside it: on another of its radio buttons, or in its menu. */
    reached() {
      const at = document.activeElement
      if (at === this.target) return 'there'
      if (this.target.type === 'radio' && at?.type === 'radio' && at.name === this.target.name) return 'beside'
      return at?.closest('[role=menu]')?.contains(this.target) ? 'beside' : 'no'
    },
    /** Waits until a text is no longer shown. */
    async gone(wanted, where, patience) {
      const until = Date.now() + patience
      while (scopes(where).some((root) => tidy(root.innerText).includes(wanted))) {
        if (Date.now() > until) throw new Error(`${location.pathname}: "${wanted}" is still shown`)
        await frame()
      }
    },
  }
})()
