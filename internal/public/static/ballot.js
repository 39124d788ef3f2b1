'use strict'
// Asks for a code: works on the challenge in slices, so that the page stays usable, and says what came of it.
;(function () {
  var form = document.getElementById('ballot'), send = document.getElementById('send'), said = document.getElementById('said')
  var wrong = document.getElementById('wrong')
  if (wrong) wrong.focus()
  function count () {
    var n = form.querySelectorAll('input[name=choice]:checked').length
    document.getElementById('count').textContent = form.dataset.count.replace('{n}', n)
  }
  form.addEventListener('change', count)
  count()
  function zeros (digest) {
    var n = 0
    while (n < 4 && digest[n] === 0) n++
    return n * 8 + (n < 4 ? Math.clz32(digest[n]) - 24 : 0)
  }
  function work (challenge, bits) {
    return new Promise(function (resolve) {
      var n = 0
      ;(function slice () {
        for (var end = n + 4000; n < end; n++) {
          if (zeros(sha256(utf8(challenge + ':' + n))) >= bits) return resolve(String(n))
        }
        setTimeout(slice)
      })()
    })
  }
  if (send) send.addEventListener('click', function () {
    var base = '/vote/' + form.dataset.round
    send.disabled = true
    said.textContent = form.dataset.working
    fetch(base + '/challenge').then(function (r) { return r.json() }).then(function (task) {
      return work(task.challenge, task.bits).then(function (solution) {
        var body = new URLSearchParams({ number: document.getElementById('number').value, challenge: task.challenge, solution: solution })
        return fetch(base + '/code', { method: 'POST', body: body })
      })
    }).then(function (r) { return r.json() }).then(function (answer) {
      said.textContent = answer.said
      if (answer.token) document.getElementById('token').value = answer.token // without it no code is accepted
    }).catch(function () { said.textContent = form.dataset.lost }).then(function () { send.disabled = false })
  })
})()
