// What the console has beyond its pages: the theme, keys, charts out of tables, and the
// check of proofs. Pages work without it.
(function () {
  "use strict";

  function kept(name, value) {
    try {
      if (value === undefined) return localStorage.getItem(name);
      localStorage.setItem(name, value);
    } catch (e) { /* a browser may keep nothing */ }
    return null;
  }

  function say(text) {
    var place = document.getElementById("said");
    if (place) place.textContent = text;
  }

  // The theme: as the system has it, light, dark.
  function themes() {
    var button = document.querySelector("[data-theme-switch]");
    if (!button) return;
    var order = ["system", "light", "dark"];
    function show() { button.textContent = "Theme: " + (document.documentElement.dataset.theme || "system"); }
    button.hidden = false;
    button.addEventListener("click", function () {
      var now = document.documentElement.dataset.theme || "system";
      var next = order[(order.indexOf(now) + 1) % order.length];
      if (next === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = next;
      kept("teg-theme", next);
      show();
      document.querySelectorAll("figure.chart").forEach(draw);
    });
    show();
  }

  // Keys of one character can be turned off, for those whom they hinder.
  var waiting = false;
  function keys() {
    var dialog = document.getElementById("keys"), open = document.querySelector("[data-keys-open]");
    var toggle = document.querySelector("[data-keys-switch]");
    if (!dialog || !open) return;
    open.hidden = false;
    open.addEventListener("click", function () { dialog.showModal(); });
    toggle.checked = kept("teg-keys") !== "off";
    toggle.addEventListener("change", function () { kept("teg-keys", toggle.checked ? "on" : "off"); });
    document.addEventListener("keydown", function (event) {
      if (!toggle.checked || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || dialog.open) return;
      if (pressed(event.key, dialog)) event.preventDefault();
    });
  }

  function typing(at) { return /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) || at.isContentEditable; }

  function pressed(key, dialog) {
    if (waiting) {
      waiting = false;
      var to = document.querySelector('nav a[data-key="' + CSS.escape(key) + '"]');
      if (to) to.click();
      return !!to;
    }
    switch (key) {
      case "g": waiting = true; setTimeout(function () { waiting = false; }, 1500); return true;
      case "?": dialog.showModal(); return true;
      case "/": return focusOn(document.querySelector("[data-search]"));
      case "n": var next = document.querySelector("a[rel=next]"); if (next) next.click(); return !!next;
      case "j": return row(1);
      case "k": return row(-1);
    }
    return false;
  }

  function focusOn(element) { if (element) element.focus(); return !!element; }

  function row(step) {
    var links = Array.prototype.map.call(document.querySelectorAll("table.rows tbody tr"), function (r) { return r.querySelector("a"); }).filter(Boolean);
    if (!links.length) return false;
    var at = links.findIndex(function (link) { return link.closest("tr").contains(document.activeElement); });
    return focusOn(links[Math.min(links.length - 1, Math.max(0, at < 0 ? 0 : at + step))]);
  }

  // A chart is drawn out of the table beside it: the first column is the time, or a number, the
  // others are lines, or bars.
  var plots = new Map();
  function draw(figure) {
    var table = figure.querySelector("table"), old = plots.get(figure);
    if (!table || typeof uPlot === "undefined") return;
    if (old) { old.destroy(); plots.delete(figure); }
    var rows = Array.prototype.slice.call(table.tBodies[0].rows);
    if (rows.length < 2) return;
    var time = !!rows[0].cells[0].querySelector("time");
    var columns = Math.min(rows[0].cells.length, 3); // two lines, each with an axis; the table has the rest
    var data = Array.from({ length: columns }, function () { return []; });
    rows.forEach(function (r) {
      Array.prototype.slice.call(r.cells, 0, columns).forEach(function (cell, i) {
        var stamp = cell.querySelector("time");
        data[i].push(stamp ? Date.parse(stamp.getAttribute("datetime")) / 1000 : Number(cell.dataset.value));
      });
    });
    var place = figure.querySelector(".plot");
    if (!place) {
      place = document.createElement("div");
      place.className = "plot";
      place.setAttribute("aria-hidden", "true"); // the table says the same
      figure.insertBefore(place, figure.firstChild);
    }
    var style = getComputedStyle(document.documentElement), bars = figure.dataset.chart === "bars";
    function colour(name) { return style.getPropertyValue(name).trim(); }
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells, 0, columns).map(function (cell) { return cell.textContent; });
    function moment(seconds) { return new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " "); }
    var series = heads.map(function (label, i) {
      if (i === 0) return { label: label, value: function (u, x) { return x == null ? "" : time ? moment(x) : String(x); } };
      var line = colour("--part-" + "abcde"[(i - 1) % 5]);
      return { label: label, stroke: line, width: 2, scale: i === 1 ? "y" : "y" + i, fill: bars ? line : undefined, points: { show: !bars && rows.length < 40 },
        paths: bars ? uPlot.paths.bars({ size: [0.8, 60] }) : undefined };
    });
    var axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") } };
    var axes = [Object.assign({}, axis, time ? { values: function (u, splits) { return splits.map(function (x) { return x % 86400 ? moment(x).slice(11) : moment(x).slice(5, 10); }); } } : {})];
    for (var i = 1; i < series.length; i++) {
      axes.push(Object.assign({}, axis, { scale: series[i].scale, side: i === 1 ? 3 : 1, size: 70, grid: i === 1 ? axis.grid : { show: false } }));
    }
    plots.set(figure, new uPlot({ width: Math.max(200, place.clientWidth - 16), height: 220, tzDate: function (t) { return uPlot.tzDate(new Date(t * 1000), "UTC"); },
      scales: { x: { time: time } }, series: series, axes: axes }, data, place));
  }

  addEventListener("resize", function () {
    plots.forEach(function (plot, figure) {
      plot.setSize({ width: Math.max(200, figure.querySelector(".plot").clientWidth - 16), height: 220 });
    });
  });

  // A proof is checked here and not by the server that gives it: the hash of the event, with
  // those of the path, has to come to the root that the checkpoint signs. RFC 6962.
  function bytes(base64) { return Uint8Array.from(atob(base64), function (c) { return c.charCodeAt(0); }); }

  async function hash(prefix, parts) {
    var length = parts.reduce(function (n, part) { return n + part.length; }, 1), all = new Uint8Array(length), at = 1;
    all[0] = prefix;
    parts.forEach(function (part) { all.set(part, at); at += part.length; });
    return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
  }

  async function rootOf(event, index, size, path) {
    var node = await hash(0, [new TextEncoder().encode(event)]), last = size - 1;
    for (var i = 0; i < path.length; i++) {
      if (last === 0) throw new Error("the path is too long");
      if (index % 2 === 1 || index === last) {
        node = await hash(1, [path[i], node]);
        while (index % 2 === 0 && index !== 0) { index = Math.floor(index / 2); last = Math.floor(last / 2); }
      } else {
        node = await hash(1, [node, path[i]]);
      }
      index = Math.floor(index / 2); last = Math.floor(last / 2);
    }
    if (last !== 0) throw new Error("the path is too short");
    return node;
  }

  async function prove(place) {
    var said = place.querySelector("[data-proof-result]"), given = place.dataset;
    if (!window.crypto || !crypto.subtle) return;
    if (!given.checkpoint) { said.textContent = "There is no signed checkpoint to check against."; return; }
    try {
      var path = given.path.split(" ").filter(Boolean).map(bytes);
      var root = await rootOf(given.event, Number(given.index), Number(given.size), path);
      var lines = given.checkpoint.split("\n");
      var right = Number(lines[1]) === Number(given.size) && btoa(String.fromCharCode.apply(null, root)) === lines[2];
      said.className = right ? "notice" : "problem";
      said.textContent = right ? "Checked in this browser: the event is in the log of " + lines[0] + " with " + lines[1] + " events." :
        "The proof does not lead to the checkpoint. Do not trust this server before somebody has found out why.";
    } catch (e) {
      said.className = "problem";
      said.textContent = "The proof does not hold: " + e.message;
    }
  }

  // The vote of a juror is hashed here, and the hash alone is sent. Vote and salt stay in this
  // browser under their hash until they are told.
  function ballot(place) {
    var given = place.dataset, vote = place.querySelector("#b-vote"), salt = place.querySelector("#b-salt"), sent = place.querySelector("#b-commitment");
    if (!vote) return;
    if (!sent) {
      var told = kept("teg-vote " + given.commitment);
      try { told = JSON.parse(told); } catch (e) { told = null; }
      if (told) { vote.value = told.vote; salt.value = told.salt; }
      return;
    }
    if (!window.crypto || !crypto.subtle) return;
    place.querySelectorAll("[data-ballot-part]").forEach(function (part) { part.hidden = false; });
    vote.addEventListener("change", async function () {
      salt.value = sent.value = "";
      if (!vote.value) return;
      var random = hex(crypto.getRandomValues(new Uint8Array(16))), chosen = vote.value;
      var text = ["teg-panel-vote-v1", given.dispute, given.round, given.juror, chosen, random].join("\0");
      var sum = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
      if (vote.value !== chosen) return;
      kept("teg-vote " + sum, JSON.stringify({ vote: chosen, salt: random }));
      salt.value = random;
      sent.value = sum;
    });
  }

  function hex(of) { return Array.from(of, function (byte) { return byte.toString(16).padStart(2, "0"); }).join(""); }

  // Events as they happen are read with fetch, and not with EventSource, which would have to
  // know the names of all actions. What comes is text, and never markup.
  var shownEvents = 200;

  function eventRow(place, event) {
    var row = document.createElement("tr"), body = event.body || {};
    function cell(text, href, numeric) {
      var td = row.insertCell(), at = td;
      if (href) { at = document.createElement("a"); at.href = href; td.appendChild(at); }
      if (numeric) td.className = "num";
      at.textContent = text;
    }
    function agent(did) { return did ? place.dataset.agents + encodeURIComponent(did) : ""; }
    cell(String(event.position), "", true);
    cell(event.timestamp.slice(0, 19).replace("T", " "));
    cell(event.action.replace(/_/g, " "));
    cell(event.actor || "", agent(event.actor));
    var paid = (body.transactions || [])[0];
    var about = [body.amount && body.amount + " AVT", body.receiver && "to " + body.receiver, paid || (event.ids || [])[0]].filter(Boolean).join(" ");
    cell(about, paid ? place.dataset.transactions + encodeURIComponent(paid) : "");
    row.className = "fresh";
    return row;
  }

  async function listen(place) {
    var state = place.querySelector("[data-live-state]"), rows = place.querySelector("[data-live-rows]"), pause = place.querySelector("[data-live-pause]");
    var last = "", paused = false, wait = 1000, held = [];
    pause.hidden = false;
    pause.addEventListener("click", function () {
      paused = !paused;
      pause.setAttribute("aria-pressed", String(paused));
      pause.textContent = paused ? "Go on" : "Pause";
      if (!paused) { held.forEach(show); held = []; }
    });
    function show(event) {
      rows.insertBefore(eventRow(place, event), rows.firstChild);
      while (rows.rows.length > shownEvents) rows.deleteRow(-1);
    }
    function take(block) {
      var data = "";
      block.split("\n").forEach(function (line) {
        if (line.indexOf("id:") === 0) last = line.slice(3).trim();
        if (line.indexOf("data:") === 0) data += line.slice(5).trim();
      });
      if (!data) return;
      var event = JSON.parse(data);
      if (!event.action) return;
      if (paused) { held.push(event); held = held.slice(-shownEvents); } else show(event);
    }
    while (place.isConnected) {
      try {
        var answer = await fetch(place.dataset.stream, { headers: Object.assign({ "HX-Request": "true" }, last ? { "Last-Event-ID": last } : {}), redirect: "error" });
        if (!answer.ok || !/^text\/event-stream/.test(answer.headers.get("Content-Type") || "")) {
          state.textContent = answer.status === 404 ? "this server has no stream" : answer.status === 401 ? "the session has ended" :
            last && (answer.status === 409 || answer.status === 410) ? "what came last is not in the log any more: load the page again" : "refused (" + answer.status + ")";
          if (answer.status < 500 && answer.status !== 429) return;
          throw new Error("later");
        }
        state.textContent = "connected";
        wait = 1000;
        var reader = answer.body.getReader(), decoder = new TextDecoder(), text = "";
        for (;;) {
          var part = await reader.read();
          if (part.done) break;
          text += decoder.decode(part.value, { stream: true }).replace(/\r/g, "");
          for (var end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) take(text.slice(0, end));
        }
      } catch (e) { /* it is tried again */ }
      state.textContent = "not connected";
      await new Promise(function (go) { setTimeout(go, wait); });
      wait = Math.min(wait * 2, 30000);
    }
  }

  function fresh(root) {
    root.querySelectorAll("figure.chart").forEach(draw);
    root.querySelectorAll("#proof").forEach(prove);
    root.querySelectorAll("[data-ballot]").forEach(ballot);
    root.querySelectorAll("#live").forEach(function (place) { if (!place.dataset.listening) { place.dataset.listening = "1"; listen(place); } });
  }

  document.addEventListener("DOMContentLoaded", function () { themes(); keys(); fresh(document); });
  document.addEventListener("htmx:afterSettle", function (event) {
    plots.forEach(function (plot, figure) { if (!figure.isConnected) { plot.destroy(); plots.delete(figure); } });
    fresh(event.detail.elt || document);
    if (event.detail.elt && event.detail.elt.id === "found") say("The list was filtered.");
  });
})();
