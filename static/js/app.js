/* What the pages do beyond HTML. Everything here is a comfort: each form also
   works without it. No eval and no inline code, so that the strict CSP holds. */

const all = (selector) => [...document.querySelectorAll(selector)];
const page = document.body.dataset;
const clockTime = (when = new Date()) => when.toTimeString().slice(0, 5);
const isTyping = (element) => element.matches("input, textarea, select, [contenteditable]");

/* A banner at the top of the page, announced politely; the same key replaces it. */
function showBanner(key, text, action) {
  hideBanner(key);
  const banner = document.createElement("div");
  banner.className = "banner banner-warning";
  banner.dataset.banner = key;
  const words = document.createElement("p");
  words.textContent = text;
  banner.append(words);
  if (action) banner.append(action);
  document.getElementById("notices")?.append(banner);
  return banner;
}

function hideBanner(key) {
  all(`[data-banner="${key}"]`).forEach((banner) => banner.remove());
}

function link(href, text) {
  const anchor = document.createElement("a");
  anchor.href = href;
  anchor.textContent = text;
  return anchor;
}

function csrfToken() {
  return document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
}

function post(url, body = new URLSearchParams(), signal) {
  const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
  return fetch(url, { method: "POST", body, headers, signal, keepalive: true });
}

/* Drafts: <form data-draft-url="…"> saves itself as one types. The address takes
   the whole form and answers {saved_at, version}, or 409 with {message, url}. */
const SAVE_AFTER_TYPING = 2000;
const SAVE_AT_LEAST_EVERY = 15000;
const LONGEST_PAUSE = 60000;
const LONGEST_WAIT = 3000;

class Draft {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-draft-status]");
    this.savedAt = clockTime();
    this.dirty = false;
    this.failures = 0;
    document.addEventListener("input", (event) => event.target.form === form && this.typed());
    form.addEventListener("submit", (event) => this.submitted(event));
    setInterval(() => this.failures || this.save(), SAVE_AT_LEAST_EVERY);
    addEventListener("online", () => this.save());
    addEventListener("pagehide", () => this.save());
    addEventListener("beforeunload", (event) => this.dirty && event.preventDefault());
  }

  typed() {
    this.dirty = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), SAVE_AFTER_TYPING);
  }

  /* What is typed while a save is under way makes the draft dirty again. */
  async save() {
    if (!this.dirty || this.saving || this.stopped) return;
    clearTimeout(this.timer);
    this.dirty = false;
    this.saving = this.send();
    await this.saving;
    this.saving = null;
  }

  async send() {
    this.request = new AbortController();
    try {
      const texts = [...new FormData(this.form)].filter(([, value]) => typeof value === "string");
      const { draftUrl } = this.form.dataset;
      await this.answered(await post(draftUrl, new URLSearchParams(texts), this.request.signal));
    } catch {
      this.failed();
    }
  }

  /* A form sent while its draft is being saved waits for that, though not for long: it needs the
     version that the draft is given, and a draft that came after it would stand unfinished. */
  async submitted(event) {
    this.rest();
    if (!this.saving || event.defaultPrevented) return;
    event.preventDefault();
    if (this.waiting) return;
    this.waiting = setTimeout(() => this.request.abort(), LONGEST_WAIT);
    await this.saving;
    clearTimeout(this.waiting);
    this.waiting = null;
    this.rest();
    this.form.requestSubmit(event.submitter);
  }

  rest() {
    this.dirty = false;
    clearTimeout(this.timer);
  }

  async answered(response) {
    if (response.status === 401 || response.redirected) return this.signedOut();
    if (response.status === 409) return this.editedElsewhere(await response.json());
    if (!response.ok) return this.failed();
    const { saved_at: savedAt, version } = await response.json();
    const field = this.form.elements.version;
    if (field && version !== undefined) field.value = version;
    this.failures = 0;
    this.savedAt = savedAt;
    hideBanner("draft");
    if (this.status) this.status.textContent = `Draft saved at ${savedAt}`;
    restartSessionClock();
  }

  failed() {
    this.dirty = true;
    this.failures += 1;
    if (this.status) this.status.textContent = "";
    showBanner("draft", `Not saved since ${this.savedAt}. Keep this page open.`);
    const pause = Math.min(SAVE_AFTER_TYPING * 2 ** this.failures, LONGEST_PAUSE);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause);
  }

  signedOut() {
    this.failed();
    const signIn = link(page.signInUrl, "Sign in in a new tab");
    signIn.target = "_blank";
    showBanner("draft", "You are signed out. Your text is still here: keep this page open.", signIn);
  }

  editedElsewhere({ message, url }) {
    this.dirty = true;
    this.stopped = true;
    if (this.status) this.status.textContent = "";
    showBanner("draft", message, url && link(url, "Compare both"));
  }
}

const drafts = all("form[data-draft-url]").map((form) => new Draft(form));
const saveDrafts = () => Promise.all(drafts.map((draft) => draft.save()));

/* Hide the screen: at once for the eye, then the draft, then the page itself. */
async function hideScreen() {
  if (!page.hideUrl) return;
  document.body.hidden = true;
  document.title = "Paused";
  await Promise.race([saveDrafts(), new Promise((resolve) => setTimeout(resolve, 1500))]);
  drafts.forEach((draft) => (draft.dirty = false));
  await post(page.hideUrl).catch(() => {});
  location.replace(page.hideUrl);
}

all("form[data-hide]").forEach((form) =>
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    hideScreen();
  }),
);

/* Shift three times within a second, whatever else the keys are set to. */
let shifts = [];
document.addEventListener("keydown", (event) => {
  if (event.key !== "Shift") shifts = [];
  else if (!event.repeat) {
    shifts = [...shifts, event.timeStamp].slice(-3);
    if (shifts.length === 3 && event.timeStamp - shifts[0] < 1000) hideScreen();
  }
});

/* Keys. The plain ones rest while somebody types. */
const open = (url) => url && location.assign(url);
const PLAIN_KEYS = {
  "/": () => document.getElementById("q")?.focus(),
  "?": () => document.getElementById("keys-dialog")?.showModal(),
  gt: () => open(page.todayUrl),
  gc: () => open(page.caseloadUrl),
};
const CONTROL_KEYS = {
  s: () => drafts.length && saveDrafts(),
  Enter: () => {
    const form = document.activeElement.form ?? document.querySelector("main form");
    const button = form?.querySelector("[data-primary], button.btn-primary");
    if (button) form.requestSubmit(button);
    return button;
  },
};
let firstKey = "";

document.addEventListener("keydown", (event) => {
  if (page.keys === "off" || event.altKey || event.metaKey) return;
  if (event.ctrlKey) {
    if (CONTROL_KEYS[event.key]?.()) event.preventDefault();
    return;
  }
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const act = PLAIN_KEYS[firstKey + event.key] ?? PLAIN_KEYS[event.key];
  firstKey = event.key === "g" ? "g" : "";
  if (!act) return;
  event.preventDefault();
  act();
});

/* Menus close on Escape and on a click elsewhere. */
const OPEN_MENU = "details.more[open], .bottom-bar details[open]";
document.addEventListener("click", (event) =>
  all(OPEN_MENU).forEach((menu) => menu.contains(event.target) || (menu.open = false)),
);
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector(OPEN_MENU);
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

/* Search: arrow keys walk through what was found; Escape or going elsewhere puts it away. */
const search = document.querySelector("form.search");
const putResultsAway = () => document.getElementById("search-results")?.replaceChildren();
for (const leaving of ["click", "focusin"])
  document.addEventListener(leaving, ({ target }) => search?.contains(target) || putResultsAway());
search?.addEventListener("keydown", (event) => {
  const stops = [search.elements.q, ...search.querySelectorAll("#search-results a")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") putResultsAway();
  if (!step && event.key !== "Escape") return;
  event.preventDefault();
  stops[step ? Math.max(0, Math.min(stops.indexOf(event.target) + step, stops.length - 1)) : 0].focus();
});

/* Errors: focus goes to the summary, and from its links to the fields. */
const reveal = (element) => {
  const fold = element.closest("details:not(.more)");
  if (fold) fold.open = true;
};
all(".has-error").forEach(reveal);
const summary = document.querySelector(".error-summary");
summary?.focus();
summary?.addEventListener("click", (event) => {
  const target = event.target.hash && document.querySelector(event.target.hash);
  if (!target) return;
  event.preventDefault();
  reveal(target);
  target.focus();
});

/* A second click must not send a form twice. The buttons are disabled after the
   browser has read the form, so that the pressed one's value still goes along. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  // Not form.method: the log form has a field of that name, which would be given instead.
  const isPost = form.getAttribute("method")?.toLowerCase() === "post";
  if (event.defaultPrevented || !isPost || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => toggleButtons(form, true));
});
addEventListener("pageshow", () =>
  all("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    toggleButtons(form, false);
  }),
);
function toggleButtons(form, disabled) {
  for (const element of form.elements) if (element.type === "submit") element.disabled = disabled;
}

/* The sign-in ends after some idle time: say so two minutes before. */
const SESSION = Number(page.sessionSeconds) * 1000;
let lastUse = Date.now();
function restartSessionClock() {
  lastUse = Date.now();
  hideBanner("session");
}
function watchSession() {
  const left = lastUse + SESSION - Date.now();
  if (left > 120000 || document.querySelector("[data-banner=session]")) return;
  const stay = document.createElement("button");
  stay.className = "btn btn-line btn-sm";
  stay.textContent = "Stay signed in";
  stay.addEventListener("click", async () => {
    const response = await post(page.stayUrl).catch(() => null);
    if (response?.ok && !response.redirected) restartSessionClock();
    else open(page.signInUrl);
  });
  const end = clockTime(new Date(lastUse + SESSION));
  showBanner("session", `You will be signed out at ${end}. Nothing you typed is lost.`, stay);
}
if (SESSION && page.stayUrl) {
  setInterval(watchSession, 10000);
  document.addEventListener("htmx:afterRequest", restartSessionClock);
}

/* Dates: data-echo holds the address that reads a date and answers with its words. */
document.addEventListener("change", async ({ target }) => {
  if (!target.dataset.echo) return;
  const id = `${target.id}_echo`;
  let echo = document.getElementById(id);
  if (!echo) {
    echo = document.createElement("output");
    echo.id = id;
    echo.className = "echo";
    target.after(echo);
  }
  const response = await fetch(`${target.dataset.echo}?value=${encodeURIComponent(target.value)}`).catch(() => null);
  echo.textContent = response?.ok ? await response.text() : "";
});

/* data-show-when="name=value": shown only while that choice is made; "name=one|other": one of them;
   "name=on": while that box is ticked.
   data-met-by="id id": a check of the list beside a target, met once all are filled. */
function followForm() {
  all("[data-show-when]").forEach((part) => {
    const [name, values] = part.dataset.showWhen.split("=");
    const field = part.closest("form").elements[name];
    if (!field) return;
    const made = field.type === "checkbox" && !field.checked ? "" : field.value;
    part.hidden = !values.split("|").includes(made);
  });
  all("[data-met-by]").forEach((check) => {
    const ids = check.dataset.metBy.split(" ");
    const met = ids.every((id) => document.getElementById(id)?.value.trim());
    check.classList.toggle("met", met);
    check.classList.toggle("unmet", !met);
  });
}
document.addEventListener("input", followForm);
followForm();

/* The log form. When another tab has saved the same form, "Compare both" must take this tab's text
   along: it sends the form as "Save and leave" does, and the server shows both. */
document.addEventListener("click", (event) => {
  const compare = event.target.closest("[data-banner=draft] a");
  const save = document.querySelector("form[data-draft-url] [data-draft-button]");
  if (!compare || !save || compare.target) return;
  event.preventDefault();
  save.form.requestSubmit(save);
});
