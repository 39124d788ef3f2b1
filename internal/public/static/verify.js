'use strict'
// Verifies a round in this browser, as docs/verify.md says: every digest, the log, each ballot, the result worked out anew, and
// a receipt; and the signatures, where the browser's SubtleCrypto knows Ed25519.
var verify = (function () {
  var names = ['round.json', 'ballots.csv', 'leaves.txt', 'heads.txt', 'result.json']
  function check (holds, code, where) { if (!holds) { var e = new Error(code); e.code = code; e.where = where || ''; throw e } }
  function digest () { return hex(sha256(utf8([].slice.call(arguments).join('\n') + '\n'))) }
  function unhex (s) { var out = new Uint8Array(s.length / 2); for (var i = 0; i < out.length; i++) out[i] = parseInt(s.substr(2 * i, 2), 16); return out }
  function base64 (bytes) { return btoa(String.fromCharCode.apply(null, bytes)) }
  function node (tag, parts) {
    var size = 1
    parts.forEach(function (p) { size += p.length })
    var all = new Uint8Array(size), at = 1
    all[0] = tag
    parts.forEach(function (p) { all.set(p, at); at += p.length })
    return sha256(all)
  }
  // roots gives the log's root at each of the sizes asked for, going through the leaves once.
  function roots (leaves, sizes) {
    var edge = [], out = {}
    function root () {
      if (edge.length === 0) return base64(sha256(new Uint8Array(0)))
      return base64(edge.map(function (e) { return e.hash }).reduceRight(function (right, left) { return node(1, [left, right]) }))
    }
    if (sizes.indexOf(0) >= 0) out[0] = root()
    leaves.forEach(function (leaf, i) {
      var entry = { size: 1, hash: node(0, [unhex(leaf)]) }
      while (edge.length > 0 && edge[edge.length - 1].size === entry.size) {
        var left = edge.pop()
        entry = { size: 2 * entry.size, hash: node(1, [left.hash, entry.hash]) }
      }
      edge.push(entry)
      if (sizes.indexOf(i + 1) >= 0) out[i + 1] = root()
    })
    return out
  }
  function formula (text, values) {
    var tokens = text.match(/unit|public|[0-9]+\.[0-9]+|[-+*/()]|[^ \n]/g) || [], at = 0
    function factor () {
      var t = tokens[at++]
      if (t === '(') { var v = sum(); check(tokens[at++] === ')', 'formula', text); return v }
      if (t in values) return values[t]
      check(/^[0-9]+\.[0-9]+$/.test(t), 'formula', text)
      return parseFloat(t)
    }
    function product () { var v = factor(); while (tokens[at] === '*' || tokens[at] === '/') v = tokens[at++] === '*' ? v * factor() : v / factor(); return v }
    function sum () { var v = product(); while (tokens[at] === '+' || tokens[at] === '-') v = tokens[at++] === '+' ? v + product() : v - product(); return v }
    var value = sum()
    check(at === tokens.length && isFinite(value), 'formula', text)
    return value
  }
  function draw (seed, group, keys) {
    var left = keys.slice().sort(), drawn = [], taken = 0, full = BigInt(1) << BigInt(64)
    while (left.length > 0) {
      var block = sha256(utf8('duban/draw/v1\n' + seed + '\n' + group + '\n' + Math.floor(taken / 4) + '\n'))
      var x = BigInt('0x' + hex(block.slice(8 * (taken % 4), 8 * (taken % 4) + 8))), m = BigInt(left.length)
      taken++
      if (x < full - full % m) drawn.push(left.splice(Number(x % m), 1)[0])
    }
    return drawn
  }
  function cut (rows, compare) {
    var groups = []
    rows.map(function (r, i) { return [r, i] }).sort(function (a, b) { return compare(a[0], b[0]) || a[1] - b[1] }).forEach(function (pair) {
      var last = groups[groups.length - 1]
      if (last && compare(last[0], pair[0]) === 0) last.push(pair[0]); else groups.push([pair[0]])
    })
    return groups
  }
  function byPublic (a, b) { return b.public - a.public }
  // instant is comparable: RFC 3339 in UTC, to the nanosecond.
  function instant (text) { var m = /^([^.Z]*)\.?([0-9]*)Z$/.exec(text); return m ? m[1] + '.' + (m[2] + '000000000').slice(0, 9) : text }

  // poll verifies a round's files, given as bytes by name, and gives what it came to.
  function poll (bytes) {
    var files = {}
    names.concat('closing.txt', 'key.txt').forEach(function (name) {
      check(bytes[name], 'missing', name)
      files[name] = new TextDecoder('utf-8', { fatal: true }).decode(bytes[name])
    })
    var closing = files['closing.txt'].split('\n')
    check(closing[0] === 'duban/closing/v1' && closing[11] === '', 'closing', 'closing.txt')
    names.forEach(function (name, i) { check(closing[6 + i] === hex(sha256(bytes[name])) + ' ' + name, 'digest', name) })
    var round = JSON.parse(files['round.json']), published = JSON.parse(files['result.json']), seed = closing[5], options = {}
    round.options.forEach(function (o) { options[o.id] = o })
    check(closing[1] === round.id && instant(closing[4]) >= instant(round.closes), 'closing', 'closing.txt')
    check(digest('duban/commit/v1', seed) === round.draw, 'commitment', 'closing.txt')

    var lines = files['ballots.csv'].split('\n'), last = '', standing = {}
    check(lines.shift() === 'mark,class,unit,choices,status' && lines.pop() === '', 'unreadable', 'ballots.csv')
    var units = (round.units || []).map(function (u) { return u.id })
    var ballots = lines.map(function (line, n) {
      var f = line.split(','), where = 'ballots.csv:' + (n + 2)
      check(f.length === 5, 'unreadable', where)
      var b = { mark: f[0], class: f[1], unit: f[2], choices: f[3].split(' '), status: f[4] }
      var order = digest('duban/shuffle/v1', seed, b.mark), number = 0, shown = b.class === 'unit' && !round.promises.secret
      check(last <= order, 'order', where)
      last = order
      check(b.class === 'public' ? round.districts.length > 0 : b.class === 'unit' && (shown ? units.indexOf(b.unit) >= 0 : units.length > 0), 'ballot', where)
      check((shown || b.unit === '') && b.choices.length >= round.choices.min && b.choices.length <= round.choices.max, 'ballot', where)
      b.choices.forEach(function (id) {
        var o = options[id]
        check(o && o.number > number && !(shown && !round.ownChoice && (o.units || []).indexOf(b.unit) >= 0), 'ballot', where)
        number = o.number
      })
      if (b.class === 'unit' && b.status !== 'replaced') standing[b.unit] = (standing[b.unit] || 0) + 1
      return b
    })
    Object.keys(standing).forEach(function (unit) { check(unit === '' ? standing[unit] <= units.length : standing[unit] === 1, 'units', unit) })

    var leaves = files['leaves.txt'].split('\n')
    check(leaves.pop() === '' && leaves.length === Number(closing[2]) && leaves.length === ballots.length, 'count', 'leaves.txt')
    leaves.forEach(function (leaf) { check(/^[0-9a-f]{64}$/.test(leaf), 'unreadable', 'leaves.txt') })
    var heads = files['heads.txt'].split('\n'), sizes = [leaves.length], i
    check(heads.pop() === '' && heads.length % 7 === 0, 'unreadable', 'heads.txt')
    for (i = 0; i < heads.length; i += 7) sizes.push(Number(heads[i + 2]))
    var at = roots(leaves, sizes)
    check(at[leaves.length] === closing[3], 'root', 'closing.txt')
    for (i = 0; i < heads.length; i += 7) {
      check(heads[i] === 'duban/head/v1' && heads[i + 1] === round.id && at[Number(heads[i + 2])] === heads[i + 3], 'head', 'heads.txt')
    }

    var counted = { unit: 0, public: 0 }, votes = { unit: {}, public: {} }, statuses = {}, cast = 0
    ballots.forEach(function (b) {
      statuses[b.status] = (statuses[b.status] || 0) + 1
      if (b.class === 'public' && b.status !== 'replaced') cast++
      if (b.status !== 'counted') return
      counted[b.class]++
      b.choices.forEach(function (id) { votes[b.class][id] = (votes[b.class][id] || 0) + 1 })
    })
    round.districts.forEach(function (d, i) {
      var p = published.districts[i]
      check(p && p.district === d.id && p.ballots >= 0 && p.ballots <= d.eligible, 'roll', d.name)
      cast -= p.ballots
    })
    check(cast === 0 && published.round === round.id, 'roll', 'result.json')
    published.ballots.forEach(function (b) { check(counted[b.class] === b.counted, 'result', 'result.json') })
    var known = (statuses.counted || 0) + (statuses.replaced || 0)
    published.exclusions.forEach(function (e, i) {
      check(e.id === i + 1 && e.ballots === (statuses['excluded-' + e.id] || 0), 'exclusion', String(e.id))
      known += e.ballots
    })
    check(known === ballots.length, 'exclusion', 'ballots.csv')

    var placed = [], ties = [], winners = []
    function share (n, of) { return of === 0 ? 0 : n / of }
    var rows = round.options.map(function (o) {
      var r = { option: o.id, unit: votes.unit[o.id] || 0, public: votes.public[o.id] || 0 }
      r.score = Math.floor(formula(round.formula, { unit: share(r.unit, counted.unit), public: Math.min(share(r.public, counted.public), round.publicCap) }) * 1000000 + 0.5)
      return r
    })
    function key (r) { return ('000000' + options[r.option].number).slice(-6) }
    function compare (rule, level) {
      if (rule === 'public') return byPublic
      if (rule === 'unit') return function (a, b) { return b.unit - a.unit }
      if (rule === 'earlier') return function (a, b) { var x = instant(options[a.option].recommended), y = instant(options[b.option].recommended); return x < y ? -1 : x > y ? 1 : 0 }
      check(rule === 'draw', 'rules', rule)
      var drawn = draw(digest('duban/ties/v1', seed, closing[3]), 'tie/' + (placed.length + 1), level.map(key))
      return function (a, b) { return drawn.indexOf(key(a)) - drawn.indexOf(key(b)) }
    }
    function part (level, rules) {
      if (level.length === 1) { placed.push(level[0]); return }
      check(rules.length > 0, 'rules', 'ties')
      var groups = cut(level, compare(rules[0], level))
      if (groups.length > 1) {
        ties.push({ in: 'score', place: placed.length + 1, rule: rules[0], groups: groups.map(function (g) {
          return g.slice().sort(function (a, b) { return options[a.option].number - options[b.option].number }).map(function (r) { return r.option })
        }) })
      }
      groups.forEach(function (g) { part(g, rules.slice(1)) })
    }
    cut(rows, function (a, b) { return b.score - a.score }).forEach(function (level) { part(level, round.ties) })
    placed.forEach(function (r, i) {
      var p = published.rows[i] || {}
      check(p.option === r.option && p.unit === r.unit && p.public === r.public && p.score === r.score && p.place === i + 1 && p.wins === i < round.winners, 'result', r.option)
    })
    check(placed.length === published.rows.length, 'result', 'rows')
    var first = placed.slice(0, round.winners), groups = round.order === 'public' ? cut(first, byPublic) : [first]
    groups.forEach(function (g) {
      if (g.length > 1 && round.order === 'public') {
        ties.push({ in: 'public', place: winners.length + 1, rule: 'score', groups: g.map(function (r) { return [r.option] }) })
      }
      g.forEach(function (r) { winners.push(r.option) })
    })
    check(JSON.stringify(winners) === JSON.stringify(published.winners), 'result', 'winners')
    check(JSON.stringify(ties) === JSON.stringify(published.ties), 'result', 'ties')
    return { round: round, options: options, ballots: ballots, leaves: leaves, winners: winners, ties: ties, counted: counted }
  }

  // signed gives the signed texts of the files: the text, and the signature with the hash of its key before it.
  function signed (files) {
    var texts = files['heads.txt'].split('\n'), out = [], i
    function add (lines, where) {
      var line = /^\u2014 duban ([A-Za-z0-9+/]+=*)$/.exec(lines[lines.length - 1])
      check(line && lines[lines.length - 2] === '', 'signature', where)
      var bytes = debase64(line[1], where)
      check(bytes.length === 68 && base64(bytes) === line[1], 'signature', where)
      out.push({ where: where, text: utf8(lines.slice(0, -2).join('\n') + '\n'), signature: bytes })
    }
    for (i = 0; i + 7 <= texts.length; i += 7) add(texts.slice(i, i + 7), 'heads.txt')
    var closing = files['closing.txt'].split('\n')
    check(closing.length === 14 && closing[13] === '', 'signature', 'closing.txt')
    add(closing.slice(0, 13), 'closing.txt')
    return out
  }
  function debase64 (text, where) {
    try { return Uint8Array.from(atob(text), function (c) { return c.charCodeAt(0) }) } catch (e) { check(false, 'signature', where) }
  }
  // signatures verifies every head's: true, or false when this browser cannot (it is too old, or the page came without TLS).
  function signatures (bytes) {
    var files = {}
    names.concat('closing.txt', 'key.txt').forEach(function (name) { files[name] = new TextDecoder().decode(bytes[name]) })
    return Promise.resolve().then(function () {
      var parts = /^duban\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)\n$/.exec(files['key.txt'])
      check(parts, 'signature', 'key.txt')
      var key = debase64(parts[2], 'key.txt'), named = new Uint8Array(6 + key.length)
      named.set(utf8('duban\n'))
      named.set(key, 6)
      check(key.length === 33 && key[0] === 1 && hex(sha256(named)).slice(0, 8) === parts[1], 'signature', 'key.txt')
      var all = signed(files)
      all.forEach(function (one) { check(hex(one.signature.slice(0, 4)) === parts[1], 'signature', one.where) })
      var subtle = typeof crypto !== 'undefined' && crypto.subtle
      if (!subtle) return false
      return subtle.importKey('raw', key.slice(1), { name: 'Ed25519' }, false, ['verify']).catch(function () { return null }).then(function (known) {
        if (!known) return false
        return Promise.all(all.map(function (one) {
          return subtle.verify({ name: 'Ed25519' }, known, one.signature.slice(4), one.text).then(function (good) { check(good, 'signature', one.where) })
        })).then(function () { return true })
      })
    })
  }

  var letters = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'
  function typed (text) {
    var receipt = text.toUpperCase().replace(/[\s-]/g, ''), sum = 0
    for (var i = 0; i < 12; i++) {
      var value = letters.indexOf(receipt.charAt(i) || '?')
      check(value >= 0 && receipt.length === 12 && (i < 11 || value === sum), 'receipt-mistyped', text)
      sum = (sum ^ value) << 1
      if (sum >= 32) sum ^= 37
    }
    return receipt
  }
  // receipt says what became of a receipt's ballot.
  function receipt (report, text) {
    var code = typed(text), id = report.round.id, mark = digest('duban/mark/v1', id, code).slice(0, 32)
    var b = report.ballots.filter(function (b) { return b.mark === mark })[0]
    check(b, 'receipt-unknown', text)
    var leaf = report.leaves.indexOf(digest('duban/ballot/v1', id, code, b.class, b.unit, b.choices.join(' ')))
    check(leaf >= 0, 'receipt-leaf', text)
    return { leaf: leaf + 1, status: b.status, choices: b.choices.map(function (o) { return report.options[o].title }) }
  }
  return { poll: poll, receipt: receipt, signatures: signatures, names: names.concat('closing.txt', 'key.txt') }
})()

if (typeof document !== 'undefined' && document.getElementById('verify')) {
  (function () {
    var form = document.getElementById('verify'), input = document.getElementById('receipt'), report = document.getElementById('report')
    var texts = {}
    document.getElementById('texts').content.querySelectorAll('p').forEach(function (p) { texts[p.dataset.key] = p.textContent })
    function text (key, args) { return Object.keys(args || {}).reduce(function (s, k) { return s.split('{' + k + '}').join(args[k]) }, texts[key] || key) }
    function say (words, right) {
      var p = document.createElement('p')
      p.className = right ? 'right' : 'wrong'
      p.textContent = words
      report.appendChild(p)
    }
    if (location.hash.length > 1) input.value = decodeURIComponent(location.hash.slice(1))
    form.addEventListener('submit', function (event) {
      event.preventDefault()
      report.textContent = texts.working
      Promise.all(verify.names.map(function (name) {
        return fetch('/vote/' + form.dataset.round + '/files/' + name).then(function (r) {
          if (!r.ok) throw new Error('lost')
          return r.arrayBuffer()
        }).then(function (body) { return new Uint8Array(body) })
      })).then(function (bodies) {
        var bytes = {}
        bodies.forEach(function (body, i) { bytes[verify.names[i]] = body })
        report.textContent = ''
        var result = verify.poll(bytes)
        return verify.signatures(bytes).then(function (able) { // nothing is said to be right before all is
          say(text('poll', { size: result.leaves.length, unit: result.counted.unit, public: result.counted.public, ties: result.ties.length }), true)
          say(texts[able ? 'signed' : 'unsigned'], true)
          return result
        })
      }).then(function (result) {
        if (input.value.trim() === '') return
        var found = verify.receipt(result, input.value), status = found.status.split('-')
        say(text('receipt-' + status[0], { leaf: found.leaf, exclusion: status[1] || '', choices: found.choices.join('、') }), status[0] === 'counted')
      }).catch(function (e) {
        if (!e.code) report.textContent = ''
        say(e.code ? text('fault-' + e.code, { where: e.where }) : texts.lost, false)
      })
    })
  })()
}
if (typeof module !== 'undefined') module.exports = verify
