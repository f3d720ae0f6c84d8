// The chat without reloads. Everything works without this file; it only makes it quicker and
// shows what a person of the office writes as soon as it is written.
(function () {
  "use strict";
  var form = document.getElementById("ask"), list = document.getElementById("messages");
  var box = document.getElementById("text"), buttons = document.getElementById("buttons"), state = document.getElementById("state");
  if (!form || !window.fetch || !window.URL) return;
  var conversation = form.dataset.conversation || null, busy = false, stream = null;

  function shown(id) { return id && list.querySelector('[data-id="' + id + '"]'); }

  // What a link says: where it leads, without what only programs read (bot/channels/widget.py has the same).
  function shownAddress(address) {
    var plain = address.replace(/^(https?:\/\/|mailto:)/, ""), begin = plain.split("?")[0].slice(0, 40);
    return begin === plain ? begin : begin.replace(/\/+$/, "") + "/…";
  }

  // Addresses become links; everything else stays text, whatever it contains.
  function fill(node, text) {
    text.split(/(https?:\/\/[^\s\u2066-\u2069]+|mailto:[^\s\u2066-\u2069]+)/).forEach(function (part, index) {
      if (index % 2 === 0) { node.appendChild(document.createTextNode(part)); return; }
      var link = document.createElement("a");
      link.href = part; link.textContent = shownAddress(part); link.rel = "noopener noreferrer";
      node.appendChild(link);
    });
  }

  function add(message, author, language) {
    if (shown(message.id)) return;
    var item = document.createElement("li"), text = document.createElement("div");
    item.className = author + (message.response === "emergency.numbers" ? " urgent" : "");
    item.dir = author === "bot" ? document.documentElement.dir : "auto";
    if (message.id) item.dataset.id = message.id;
    if (language) item.lang = language;
    if (author === "staff") {
      var who = document.createElement("strong");
      who.className = "who"; who.textContent = form.dataset.staff; item.appendChild(who);
    }
    var papers = message.checklist || [];
    text.className = "text"; fill(text, papers.length ? message.text.split("\n")[0] : message.text || ""); item.appendChild(text);
    if (papers.length) item.appendChild(checklist(papers));
    list.appendChild(item);
  }

  // Papers to tick. What is ticked stays on this phone, and goes when the conversation goes.
  var TICKED = "lotse_ticked:";

  function ticked() {
    try { return JSON.parse(localStorage.getItem(TICKED + conversation)) || []; } catch (_) { return []; }
  }

  function checklist(papers) {
    var all = document.createElement("ul");
    all.className = "checklist";
    papers.forEach(function (paper) {
      var row = document.createElement("li"), label = document.createElement("label"), tick = document.createElement("input");
      var more = document.createElement("details"), title = document.createElement("summary"), name = document.createElement("span");
      tick.type = "checkbox"; tick.value = paper.id; name.textContent = paper.name;
      label.appendChild(tick); label.appendChild(document.createTextNode(" ")); label.appendChild(name);
      title.textContent = form.dataset.about; more.appendChild(title);
      [paper.looks, paper.source].forEach(function (words) { var p = document.createElement("p"); p.textContent = words; more.appendChild(p); });
      row.appendChild(label); row.appendChild(more); all.appendChild(row);
    });
    restore(all);
    return all;
  }

  function restore(root) {
    var known = ticked(), boxes = root.querySelectorAll(".checklist input, li input[type=checkbox]");
    for (var i = 0; i < boxes.length; i++) boxes[i].checked = known.indexOf(boxes[i].value) >= 0;
  }

  function keepTicks(event) {
    var box = event.target;
    if (!box || box.type !== "checkbox" || !conversation) return;
    var known = ticked().filter(function (id) { return id !== box.value; });
    if (box.checked) known.push(box.value);
    try { localStorage.setItem(TICKED + conversation, JSON.stringify(known)); } catch (_) { /* a phone that keeps nothing still shows the list */ }
    restore(list);
  }

  function forgetTicks() {
    try {
      Object.keys(localStorage).forEach(function (name) {
        if (name.indexOf(TICKED) === 0 && name !== TICKED + conversation) localStorage.removeItem(name);
      });
    } catch (_) { /* nothing was kept */ }
  }

  function offer(choices) {
    buttons.textContent = "";
    (choices || []).forEach(function (choice) {
      var button = document.createElement("button");
      button.name = "payload"; button.value = choice.payload; button.textContent = choice.title; button.dir = "auto";
      buttons.appendChild(button);
    });
  }

  function down() { window.scrollTo(0, document.body.scrollHeight); }

  function remember(id) {
    conversation = id;
    form.elements.conversation.value = id;
    // whoever has written has found their language: the list makes room for the answers
    var menu = document.querySelector("details.languages");
    if (menu) menu.open = false;
    document.cookie = "lotse_chat=" + id + "; path=/; max-age=2592000; SameSite=Strict" + (location.protocol === "https:" ? "; Secure" : "");
    listen();
  }

  function receive(answer, own) {
    if (own) add(own, "person");
    (answer.messages || []).forEach(function (message) { add(message, message.author || "bot", answer.language); });
    var last = (answer.messages || []).slice(-1)[0];
    if (last) offer(last.buttons);
    down();
  }

  function key() {
    var bytes = new Uint8Array(12), text = "";
    if (window.crypto && crypto.getRandomValues) crypto.getRandomValues(bytes);
    for (var i = 0; i < bytes.length; i++) text += (bytes[i] + 256).toString(16).slice(1);
    return text;
  }

  function send(body, echo) {
    if (busy) return;
    busy = true; state.textContent = form.dataset.sending;
    body.conversation = conversation; body.key = key();
    if (!conversation) { body.language = form.dataset.language; if (form.dataset.site) body.site = form.dataset.site; }
    fetch("/api/chat", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })
      .then(function (answer) { return answer.json().then(function (data) { return { ok: answer.ok, data: data }; }); })
      .then(function (result) {
        busy = false;
        if (!result.ok) { state.textContent = result.data.message || form.dataset.failed; return; }
        state.textContent = "";
        if (body.text) box.value = "";
        if (result.data.conversation !== conversation) remember(result.data.conversation);
        // another language: the whole page speaks it, so it is read again
        if (result.data.language !== form.dataset.language) { location.href = location.pathname + location.search; return; }
        receive(result.data, echo);
      })
      .catch(function () { busy = false; state.textContent = navigator.onLine === false ? form.dataset.offline : form.dataset.failed; });
  }

  function lastId() {
    var items = list.querySelectorAll("li[data-id]"), last = 0;
    for (var i = 0; i < items.length; i++) last = Math.max(last, Number(items[i].dataset.id) || 0);
    return last;
  }

  // What the office wrote meanwhile. The person's own words are on the page already.
  function catchUp() {
    if (busy || !conversation) return;
    fetch("/api/chat/" + encodeURIComponent(conversation) + "/messages?after=" + lastId())
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .then(function (data) {
        if (!data || busy) return;
        if (data.language !== form.dataset.language) { location.reload(); return; }
        data.messages.forEach(function (message) { if (message.author !== "person") add(message, message.author, data.language); });
        if (data.messages.length) { var last = data.messages.slice(-1)[0]; if (last.author !== "person") offer(last.buttons); down(); }
      })
      .catch(function () { /* the next event or the next message tries again */ });
  }

  function listen() {
    if (!conversation || !window.EventSource || stream) return;
    stream = new EventSource("/api/chat/" + encodeURIComponent(conversation) + "/events");
    stream.onmessage = catchUp;
    ["message", "changed", "owner", "lagging"].forEach(function (kind) { stream.addEventListener(kind, catchUp); });
  }

  form.addEventListener("submit", function (event) {
    var pressed = event.submitter || document.activeElement;
    event.preventDefault();
    if (pressed && pressed.name === "payload") {
      send({ payload: pressed.value }, { text: pressed.textContent });
    } else if (box.value.trim()) {
      send({ text: box.value }, { text: box.value });
    }
  });
  box.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit ? form.requestSubmit() : send({ text: box.value }, { text: box.value }); }
  });
  list.addEventListener("change", keepTicks);
  forgetTicks();
  restore(list);
  listen();
  if (conversation) down();
})();
