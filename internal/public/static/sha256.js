'use strict'
// SHA-256 of bytes, in plain arithmetic: browsers give their own only to pages over TLS.
var sha256 = (function () {
  var k = [], first = [], primes = 0
  for (var n = 2; primes < 64; n++) {
    var prime = true
    for (var d = 2; d * d <= n; d++) if (n % d === 0) { prime = false; break }
    if (!prime) continue
    if (primes < 8) first.push((Math.sqrt(n) * 4294967296) | 0)
    k.push((Math.cbrt(n) * 4294967296) | 0)
    primes++
  }
  return function (bytes) {
    var length = bytes.length, blocks = ((length + 8) >> 6) + 1
    var padded = new Uint8Array(blocks * 64)
    padded.set(bytes)
    padded[length] = 128
    var view = new DataView(padded.buffer)
    view.setUint32(blocks * 64 - 8, Math.floor(length / 536870912))
    view.setUint32(blocks * 64 - 4, (length << 3) >>> 0)
    var h = first.slice(), w = new Int32Array(64)
    for (var at = 0; at < padded.length; at += 64) {
      for (var i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i)
      for (; i < 64; i++) {
        var x = w[i - 15], y = w[i - 2]
        var s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
        var s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
        w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0
      }
      var a = h[0], b = h[1], c = h[2], e0 = h[3], e = h[4], f = h[5], g = h[6], p = h[7]
      for (i = 0; i < 64; i++) {
        var t1 = (p + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0
        var t2 = ((((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) ^ (a & c) ^ (b & c))) | 0
        p = g; g = f; f = e; e = (e0 + t1) | 0; e0 = c; c = b; b = a; a = (t1 + t2) | 0
      }
      h[0] = (h[0] + a) | 0; h[1] = (h[1] + b) | 0; h[2] = (h[2] + c) | 0; h[3] = (h[3] + e0) | 0
      h[4] = (h[4] + e) | 0; h[5] = (h[5] + f) | 0; h[6] = (h[6] + g) | 0; h[7] = (h[7] + p) | 0
    }
    var out = new Uint8Array(32), result = new DataView(out.buffer)
    for (i = 0; i < 8; i++) result.setInt32(4 * i, h[i])
    return out
  }
})()
function utf8 (text) { return new TextEncoder().encode(text) }
function hex (bytes) { var s = ''; for (var i = 0; i < bytes.length; i++) s += (bytes[i] < 16 ? '0' : '') + bytes[i].toString(16); return s }
if (typeof module !== 'undefined') module.exports = { sha256: sha256, utf8: utf8, hex: hex }
